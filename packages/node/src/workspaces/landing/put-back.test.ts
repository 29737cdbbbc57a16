/** A landing that stops leaves what was not committed as it was, staged or not. */
import fs from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type LandingPlan, type LandingPorts, land } from './land.ts';
import { Landings } from './landing.fixture.ts';
import { lockTree, treeFiles } from './tree-lock.ts';

let repos: Landings;
beforeEach(() => {
  repos = new Landings();
});
afterEach(() => repos.destroy());

/** Work with a commit of its own; and one file staged, changed again since; one changed; one new, one only meant to be added. */
function scene(): { base: string; work: string } {
  const base = repos.repository();
  repos.commit(base, 'b.txt');
  const work = repos.worktree(base);
  repos.commit(work, 'own.txt');
  repos.write(work, 'b.txt', 'staged\n');
  repos.git(work, 'add', 'b.txt');
  repos.write(work, 'b.txt', 'debug\n');
  repos.write(work, 'a.txt', 'changed\n');
  repos.write(work, 'new.txt', 'new\n');
  repos.write(work, 'meant.txt', 'meant\n');
  repos.git(work, 'add', '--intent-to-add', 'meant.txt');
  return { base, work };
}

const all = (work: string) => [
  repos.tip(work),
  repos.git(work, 'symbolic-ref', 'HEAD'),
  repos.status(work),
  repos.git(work, 'show', ':b.txt'),
  repos.git(work, 'diff', '--cached', '--raw', '--no-abbrev'),
];

function hook(base: string, name: string, script: string): void {
  const file = path.join(base, '.git/hooks', name);
  fs.writeFileSync(file, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
}

const STOPS: Record<string, (base: string, work: string) => [Partial<LandingPlan>, Partial<LandingPorts>]> = {
  'a conflict': (base) => {
    repos.commit(base, 'a.txt', 'newer\n');
    return [{}, {}];
  },
  'a hook that refuses': (base) => {
    hook(base, 'pre-commit', 'exit 1');
    return [{}, {}];
  },
  'a check that fails': () => [{ check: { command: 'exit 1', timeout: 20_000 } }, {}],
  'changes in the base': (base) => {
    repos.write(base, 'a.txt', 'mine\n');
    return [{}, {}];
  },
  'its being cancelled': () => {
    const cancel = new AbortController();
    const step = async ({ step: at }: { step: string }) => {
      if (at !== 'bring') return;
      cancel.abort();
      throw new Error('cancelled');
    };
    return [{}, { step, options: { ...repos.options, signal: cancel.signal } }];
  },
};

test.each(Object.keys(STOPS))('[W5] after %s', async (what) => {
  const { base, work } = scene();
  const [plan, ports] = STOPS[what]?.(base, work) ?? [];
  const before = all(work);
  await expect(repos.land(base, work, plan, ports)).rejects.toThrow();
  expect(all(work)).toEqual(before);
  expect(repos.read(work, 'b.txt')).toBe('debug\n');
  expect(repos.leftovers(base)).toEqual([]);
});

test.each<[string, (work: string) => unknown]>([
  ['committed', (work) => repos.commit(work, 'since.txt')],
  ['staged', (work) => repos.git(work, 'add', 'b.txt')],
])('[W5] what has been %s there since stays, and is told', async (_, since) => {
  const { base, work } = scene();
  repos.commit(base, 'a.txt', 'newer\n');
  let after: string[] = [];
  const step = async ({ step: at }: { step: string }) => {
    if (at !== 'bring') return;
    repos.write(work, 'b.txt', 'since\n');
    since(work);
    after = all(work);
  };
  await expect(repos.land(base, work, {}, { step })).rejects.toThrow('is in commit');
  expect(all(work)).toEqual(after);
});

/** A landing whose node is killed at a step: it never goes on. */
async function killedAt(plan: LandingPlan, at: string): Promise<void> {
  await new Promise<void>((resolve) => {
    const step = ({ step }: { step: string }) =>
      step === at ? new Promise<void>(() => resolve()) : Promise.resolve();
    void land(plan, repos.ports({ step }));
  });
}

test.each(['commit', 'bring', 'check'])(
  '[W5][K4] also after a node that was killed before its step %s, when the next one stops',
  async (at) => {
    const { base, work } = scene();
    const before = all(work);
    const plan = repos.plan(base, work, { check: { command: 'exit 1', timeout: 20_000 } });
    await killedAt(plan, at);
    expect(all(work)[0] === before[0]).toBe(at === 'commit');
    repos.write(work, 'b.txt', 'since\n');
    repos.write(work, 'since.txt', 'since\n');
    await expect(land(plan, repos.ports(), { branch: 'skein/work', onto: 'main' })).rejects.toThrow('check');
    expect(all(work).toSpliced(2, 1)).toEqual(before.toSpliced(2, 1));
    expect(repos.status(work)).toBe(`${before[2]}\n?? since.txt`);
    expect(repos.read(work, 'b.txt')).toBe('since\n');
    expect(repos.leftovers(base)).toEqual([]);
  },
);

test('[W5][K4] also after one that was killed when all of it was staged', async () => {
  const { base, work } = scene();
  const before = all(work);
  const plan = repos.plan(base, work, { check: { command: 'exit 1', timeout: 20_000 } });
  await killedAt(plan, 'commit');
  repos.git(work, 'add', '--all');
  await expect(land(plan, repos.ports(), { branch: 'skein/work', onto: 'main' })).rejects.toThrow('check');
  expect(all(work)).toEqual(before);
});

test('[W5] what somebody has committed there since a node was killed stays', async () => {
  const { base, work } = scene();
  const plan = repos.plan(base, work, { check: { command: 'exit 1', timeout: 20_000 } });
  await killedAt(plan, 'bring');
  repos.commit(work, 'since.txt');
  const after = all(work);
  await expect(land(plan, repos.ports(), { branch: 'skein/work', onto: 'main' })).rejects.toThrow('check');
  expect(all(work)).toEqual(after);
});

test('[W5] a node that is killed while it puts that back leaves the tree to the next one', async () => {
  const { base, work } = scene();
  const plan = repos.plan(base, work);
  const id = `${plan.landing}-work`;
  lockTree(await treeFiles(work, id, repos.options), id);
  const landed = await land(plan, repos.ports(), { branch: 'skein/work', onto: 'main' });
  expect(landed.commits).toBe(2);
  expect(repos.status(work)).toBe('');
  expect(repos.leftovers(base).filter((one) => !one.startsWith('refs/'))).toEqual([]);
});
