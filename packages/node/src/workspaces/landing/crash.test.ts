/** The node is killed at any call of git while it lands, or undoes a landing; the next one finishes it or takes it back (rules W5, K4). */
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { newId } from '@skein/protocol/ids';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Killed } from './crash.fixture.ts';
import { land } from './land.ts';
import { Landings } from './landing.fixture.ts';
import { forgetLanding, undo } from './undo.ts';

/** How often: each is a landing or two. At all calls of git, in every way, with SKEIN_FAULTS=1. */
const SOME = process.env.SKEIN_FAULTS === undefined ? 6 : Number.POSITIVE_INFINITY;
const FILES = 60;

let repos: Landings;
beforeEach(() => {
  repos = new Landings();
});
afterEach(() => repos.destroy());

/** Kills the node before git does anything, while it goes on, when it has done it; or both of them at once in the user's tree. */
type How = 'before' | 'during' | 'after' | 'both';

/** A git that counts how often it is called, and kills whoever calls it. */
function killingGit(): string {
  const dir = repos.path('bin');
  fs.mkdirSync(dir, { recursive: true });
  const real = (process.env.PATH ?? '')
    .split(':')
    .map((one) => `${one}/git`)
    .find((one) => fs.existsSync(one));
  const script = `#!/bin/sh
[ -n "$KILL_AT" ] || exec ${real} "$@"
echo x >> "$COUNT"
[ "$(wc -l < "$COUNT")" -eq "$KILL_AT" ] || exec ${real} "$@"
case "$KILL_HOW $*" in
  before*) kill -9 $KILL_PID ;;
  after*) ${real} "$@"; kill -9 $KILL_PID ;;
  both*read-tree*|both*checkout-index*)
    ${real} "$@" & git=$!
    sleep $KILL_AFTER; kill -9 $git; kill -9 $KILL_PID ;;
  *) kill -9 $KILL_PID; sleep 0.05; exec ${real} "$@" ;;
esac
`;
  fs.writeFileSync(path.join(dir, 'git'), script, { mode: 0o755 });
  return dir;
}

/** Runs it in a process of its own; true when that was killed. */
async function killedAt(at: number, how: How, killed: Pick<Killed, 'plan' | 'undo'>): Promise<boolean> {
  const env = {
    ...repos.options.env,
    ...{ KILL_AT: String(at), KILL_HOW: how, COUNT: repos.path('count'), KILL_AFTER: `0.00${at % 10}` },
  };
  fs.rmSync(repos.path('count'), { force: true });
  fs.rmSync(repos.path('steps'), { force: true });
  const plan: Killed = { ...killed, env, steps: repos.path('steps') };
  fs.writeFileSync(repos.path('plan'), JSON.stringify(plan));
  const child = spawn(
    process.execPath,
    [path.join(import.meta.dirname, 'crash.fixture.ts'), repos.path('plan')],
    {
      env: { ...process.env, PATH: `${killingGit()}:${process.env.PATH}` },
      stdio: ['ignore', 'ignore', 'pipe'],
    },
  );
  let said = '';
  child.stderr.on('data', (bytes) => {
    said += bytes;
  });
  const [code, signal] = await new Promise<[number | null, string | null]>((resolve) => {
    child.on('exit', (...end) => resolve(end));
  });
  if (signal !== 'SIGKILL' && code !== 0) throw new Error(said);
  return signal === 'SIGKILL';
}

function steps(): object {
  return fs.existsSync(repos.path('steps')) ? JSON.parse(repos.read(repos.dir, 'steps')) : {};
}

/** Changed by the landing, changed by the user, new, removed; and what the user has besides. */
function scene(): { base: string; work: string } {
  const base = repos.empty('base');
  for (let i = 0; i < FILES; i++) repos.write(base, `dir${i % 7}/f${i}`, `${i}\n`.repeat(500));
  repos.write(base, 'mine.txt', 'mine\n');
  repos.commit(base, 'a.txt');
  const work = repos.worktree(base);
  for (let i = 0; i < FILES; i++)
    if (i % 5 === 0) fs.rmSync(path.join(work, `dir${i % 7}/f${i}`));
    else repos.write(work, `dir${i % 7}/f${i}`, `${i} landed\n`.repeat(500));
  repos.commit(work, 'new/b.txt');
  repos.write(work, 'uncommitted.txt', 'agent\n');
  repos.commit(base, 'other.txt');
  repos.write(base, 'mine.txt', 'not committed\n');
  repos.write(base, 'unknown.txt', 'unknown\n');
  return { base, work };
}

const MINE = ' M mine.txt\n?? unknown.txt';
const untrimmed = (base: string) =>
  repos
    .git(base, '-c', 'core.quotePath=false', 'status', '--porcelain', '--branch')
    .split('\n')
    .slice(1)
    .join('\n');

function mineIsThere(base: string): void {
  expect(repos.read(base, 'mine.txt')).toBe('not committed\n');
  expect(repos.read(base, 'unknown.txt')).toBe('unknown\n');
}

/** The calls at which it is killed, spread over all of them, each another way. */
function* killings(calls: number): Generator<[number, How]> {
  const all = (['before', 'during', 'after', 'both'] as const).flatMap((how) =>
    Array.from({ length: calls }, (_, at): [number, How] => [at + 1, how]),
  );
  if (all.length <= SOME) return yield* all;
  for (let i = 0; i < SOME; i++)
    yield all[Math.floor(((i + Math.random()) * all.length) / SOME)] as [number, How];
}

async function calls(killed: Pick<Killed, 'plan' | 'undo'>): Promise<number> {
  expect(await killedAt(1_000_000, 'before', killed)).toBe(false);
  return fs.readFileSync(repos.path('count'), 'utf8').length / 2;
}

describe('the node is killed', () => {
  test('[W5] while it lands: the branch is at what it was, or at what has landed, and nothing of the user is lost', {
    timeout: 1_000_000,
  }, async () => {
    const first = scene();
    const count = await calls({ plan: repos.plan(first.base, first.work), undo: null });
    expect(count).toBeGreaterThan(20);
    for (const [at, how] of killings(count)) {
      repos.destroy();
      repos = new Landings();
      const { base, work } = scene();
      const before = repos.tip(base);
      const plan = repos.plan(base, work);
      const killed = await killedAt(at, how, { plan, undo: null });
      const where = `killed at ${at} of ${count}, ${how}`;
      const tip = repos.tip(base);
      if (tip !== before) expect(repos.git(base, 'show', `${tip}:uncommitted.txt`), where).toBe('agent');
      mineIsThere(base);
      if (killed) {
        const landed = await land(plan, repos.ports(), steps());
        expect(landed, where).toMatchObject({ before, commits: 2 });
      }
      expect(repos.git(base, 'log', '--format=%s', '-3'), where).toBe(
        'Work of work\nAdd new/b.txt\nAdd other.txt',
      );
      expect(untrimmed(base), where).toBe(MINE);
      mineIsThere(base);
      expect(repos.git(base, 'diff', '--stat', 'HEAD', '--', '.', ':!mine.txt'), where).toBe('');
      expect(repos.status(work), where).toBe('');
      expect(repos.tip(work), where).toBe(repos.tip(base));
      await forgetLanding(base, plan.landing, repos.options);
      expect(repos.leftovers(base), where).toEqual([]);
    }
  });

  test('[W5] while it undoes a landing', { timeout: 1_000_000 }, async () => {
    for (const later of [false, true]) {
      let count = 0;
      for (const [at, how] of [[0, 'before'] as const, ...killings(10)]) {
        repos.destroy();
        repos = new Landings();
        const { base, work } = scene();
        const landing = newId();
        const landed = await repos.land(base, work, { landing });
        await forgetLanding(base, landing, repos.options);
        if (later) {
          repos.git(base, 'commit', '-q', '--allow-empty', '-m', 'later');
        }
        const { onto, before, after } = landed;
        const plan = { landing, name: 'work', base, onto, before, after };
        if (at === 0) {
          count = await calls({ plan: null, undo: plan });
          continue;
        }
        const call = Math.ceil((at * count) / 10);
        const where = `killed at ${call} of ${count}, ${how}`;
        if (await killedAt(call, how, { plan: null, undo: plan }))
          await undo({ ...plan, hold: async () => {} }, repos.options, true);
        expect(repos.git(base, 'diff', '--stat', before, 'HEAD'), where).toBe('');
        if (!later) expect(repos.tip(base), where).toBe(before);
        else
          expect(repos.git(base, 'log', '--format=%s', '-2'), where).toBe('Undo the landing of work\nlater');
        expect(untrimmed(base), where).toBe(MINE);
        mineIsThere(base);
        await forgetLanding(base, plan.landing, repos.options);
        expect(repos.leftovers(base), where).toEqual([]);
      }
    }
  });
});
