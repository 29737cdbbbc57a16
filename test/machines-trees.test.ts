/** Workspaces over machines, as two real nodes do it: handed over, worked in there, brought back, landed here (rules X1, W5, W6). */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { steps } from './support/acp-agent.ts';
import type { Skein } from './support/cli.ts';
import { until } from './support/processes.ts';
import { TwoMachines } from './support/two-machines.ts';

const machines = new TwoMachines();
const { home, worker, place, doing } = machines;
const app = join(place, 'app');

const git = (...args: string[]) =>
  execFileSync('git', ['-c', 'user.name=A', '-c', 'user.email=a@example.org', ...args], {
    ...{ cwd: app, encoding: 'utf8' },
  }).trim();

beforeAll(async () => {
  execFileSync('git', ['init', '-q', '-b', 'main', app]);
  writeFileSync(join(app, 'a.txt'), 'one\n');
  git('add', '-A');
  git('commit', '-qm', 'Begin');
  git('config', 'user.name', 'A');
  git('config', 'user.email', 'a@example.org');
  // It writes through its node.
  await machines.meet('options:\n  writes: client\n');
  machines.grant('--max', '8', '--dirs', place);
  home.run('workspace', 'create', 'local', app, '-n', 'app');
}, 60_000);

afterAll(() => machines.destroy());

interface Shown {
  id: string;
  name: string;
  root: string;
  runs: number;
  brought?: { node: string; at: number };
}
const shown = (of: Skein, ref: string) => of.json<Shown>('workspace', 'show', ref);
const events = (ref: string) => home.json<{ type: string; body: object }[]>('events', ref);
const prompt = (ref: string, ...all: Parameters<typeof steps>) =>
  home.run('prompt', '-w', ref, steps(...all));

async function spawned(name: string): Promise<{ here: Shown; there: Shown }> {
  home.run('spawn', 'fake', '--on', 'box', '--workspace', 'app', '-n', name);
  await until('it is ready', () => doing(name) === 'idle');
  const [one] = home.json<{ agent: string }[]>('agents', name);
  const id = one?.agent ?? '';
  return { here: shown(home, id), there: shown(worker, id) };
}

describe('[X4] [W5] a workspace of this machine', () => {
  test('is worked in on another, and lands here', async () => {
    const { here, there } = await spawned('api');
    expect(readFileSync(join(there.root, 'a.txt'), 'utf8')).toBe('one\n');
    prompt('api', { do: 'file', path: join(there.root, 'b.txt'), text: 'theirs\n' });
    expect(readFileSync(join(there.root, 'b.txt'), 'utf8')).toBe('theirs\n');
    // By itself, at the end of the turn.
    await until('it is brought back', () => existsSync(join(here.root, 'b.txt')));
    writeFileSync(join(there.root, 'c.txt'), 'more\n');
    expect(home.run('diff', 'api', '--stat')).toMatch(/b\.txt[\s\S]*c\.txt/);
    home.run('land', 'api');
    expect(readFileSync(join(app, 'c.txt'), 'utf8')).toBe('more\n');
    expect(readFileSync(join(app, 'b.txt'), 'utf8')).toBe('theirs\n');
    // What was not committed was committed here, and is there now too: the next time it is only what is new that lands.
    expect(execFileSync('git', ['status', '--porcelain'], { cwd: there.root, encoding: 'utf8' })).toBe('');
    expect(home.run('diff', 'api', '--stat')).toContain('has nothing that main has not');
    writeFileSync(join(there.root, 'c.txt'), 'more and more\n');
    home.run('land', 'api');
    expect(readFileSync(join(app, 'c.txt'), 'utf8')).toBe('more and more\n');
    expect(git('log', '--format=%s').split('\n')).toHaveLength(3);
    home.run('land', '--undo', here.name);
    expect(readFileSync(join(app, 'c.txt'), 'utf8')).toBe('more\n');
    home.run('land', '--undo', here.name);
    expect(existsSync(join(app, 'b.txt'))).toBe(false);
  });

  test('[W6] what is claimed here is kept from who writes there, and what they write is theirs until their turn ends', async () => {
    const { here, there } = await spawned('held');
    home.run('claim', here.name, 'mine/**');
    const write = (name: string) => ({ do: 'file' as const, path: join(there.root, name), text: 'theirs\n' });
    prompt('held', write('mine/a.txt'), write('free.txt'));
    expect(existsSync(join(there.root, 'mine/a.txt'))).toBe(false);
    expect(existsSync(join(there.root, 'free.txt'))).toBe(true);
    const [refused] = events('held').filter(({ type }) => type === 'claim.refused');
    expect(refused?.body).toMatchObject({
      ...{ paths: ['mine/a.txt'], why: 'held' },
      message: expect.stringMatching(/^Not written: "mine\/a.txt" is held by/),
    });
    const before = events('held').length;
    home.run('release', here.name, 'mine/**');
    prompt('held', write('mine/a.txt'), write('mine/a.txt'));
    expect(readFileSync(join(there.root, 'mine/a.txt'), 'utf8')).toBe('theirs\n');
    const told = events('held').slice(before);
    // Asked once for what it holds; and free again when the turn is over.
    expect(told.filter(({ type }) => type === 'far.asked')).toHaveLength(1);
    expect(told.filter(({ type }) => type === 'claim.taken')).toHaveLength(1);
    expect(home.json<{ claims: unknown[] }>('claims', here.name).claims).toEqual([]);
  });
});
