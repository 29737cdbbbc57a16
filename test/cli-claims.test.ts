/** Claims as people and the programs of a workspace take them: with the real `skein`, on a real node (rules W1, W2). */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { newId } from '@skein/protocol/ids';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Skein } from './support/cli.ts';
import { kill, until, withEnvironment } from './support/processes.ts';
import { connectTo } from './support/talking.ts';
import { Tmux } from './support/tmux.ts';

interface Claimed {
  id: string;
  fence: number;
  until: number | null;
  globs: string[];
}
interface Listed {
  claims: {
    claim: string;
    globs: string[];
    fence: number | null;
    holder: { name: string };
    before: number;
  }[];
}

let skein: Skein;
let dir: string;

beforeAll(() => {
  skein = new Skein();
  dir = mkdtempSync(join(tmpdir(), 'skein-claims-'));
  skein.run('workspace', 'create', 'local', dir, '--name', 'w');
  for (const name of ['one', 'two'])
    skein.run('run', '-d', '--name', name, '--workspace', 'w', '--', 'sh', '-c', 'exec cat');
}, 60_000);

afterAll(() => {
  skein.destroy();
  rmSync(dir, { recursive: true, force: true });
});

const claims = (...words: string[]) => skein.json<Listed>('claims', 'w', ...words).claims;
/** As a program in the workspace would be: with what its environment says of it. */
const inside = (name: string) => {
  interface Shown {
    id: string;
    inside: { run: string; session: string; name: string }[];
  }
  const { id, inside: runs } = skein.json<Shown>('workspace', 'show', 'w');
  const run = runs.find((one) => one.name === name);
  return { SKEIN_WORKSPACE: id, SKEIN_SESSION: run?.session, SKEIN_RUN: run?.run };
};

test('[W1] a claim is told with its number and its end, and keeps others out until it is given back', () => {
  const mine = skein.json<Claimed>('claim', 'w', 'src/**', 'README', '--ttl', '1h', '--for', 'me');
  expect(mine).toMatchObject({ globs: ['README', 'src/**'], fence: 1 });
  expect(mine.until).toBeGreaterThan(Date.now() + 3_500_000);
  const other = skein.try(['claim', 'w', 'src/x.ts', '--for', 'one']);
  expect(other).toMatchObject({ status: 1, stdout: '' });
  expect(other.stderr).toContain('(claimed)');
  expect(skein.run('claims', 'w')).toMatch(/README src\/\*\* .* 1 .*left/);
  expect(skein.run('release', 'w', 'src/x.ts')).toContain('Nothing there was held');
  expect(skein.json('release', 'w')).toEqual({ released: [mine.id] });
  expect(claims()).toEqual([]);
});

test.each(['n\nl', '-x', 'a\\*b', "it's \u202eme"])(
  '[W1] what is said of how to give a claim back does so, whatever its name: %j',
  (glob) => {
    const [, back = ''] = skein.run('claim', '--workspace', 'w', '--', glob).split('with: skein ');
    expect(back).toMatch(/^release [\x20-\x7e]+\n$/);
    const told = execFileSync('sh', ['-c', `${skein.command} ${back}`], { encoding: 'utf8' });
    expect(told).toContain('One claim');
  },
);

test('[W1] a program in the workspace claims for itself without further words, and waits its turn', async () => {
  const env = inside('one');
  const first = skein.try(['claim', 'x', '--json'], { env });
  expect(JSON.parse(first.stdout)).toMatchObject({ globs: ['x'], until: null, holder: 'one' });
  const waits = skein.later(['claim', 'w', 'x', '--for', 'two', '--wait', '--json']);
  await until('somebody to wait', () => claims('x').some(({ fence }) => fence === null));
  expect(skein.run('claims', 'w')).toMatch(/waits/);
  expect(skein.try(['release'], { env }).stdout).toContain('One claim');
  const { stdout, stderr } = await waits;
  expect(JSON.parse(stdout)).toMatchObject({ holder: 'two', globs: ['x'] });
  expect(stderr).toContain('waiting for one');
  skein.run('release', 'w', '--for', 'two');
});

test('[W1] one that is interrupted while it waits has withdrawn', async () => {
  skein.run('claim', 'w', 'x', '--for', 'one');
  const child = spawn(...skein.words('claim', 'w', 'x', '--wait'), { env: skein.env, stdio: 'ignore' });
  const ended = once(child, 'exit');
  await until('it to wait', () => claims().length === 2);
  child.kill('SIGINT');
  expect(await ended).toEqual([null, 'SIGINT']);
  expect(claims()).toHaveLength(1);
  skein.run('release', 'w', '--for', 'one');
});

test('[W1] one that is cut off while it waits soon loses its place, and what it is granted meanwhile', async () => {
  for (const path of ['k1', 'k2']) skein.run('claim', 'w', path, '--for', 'one');
  const { id: workspace } = skein.json<{ id: string }>('workspace', 'show', 'w');
  const client = await connectTo(skein.home);
  for (const path of ['k1', 'k2']) {
    const claim = newId();
    const body = { claim, globs: [path], wait: true };
    await client.command(`workspace/${workspace}`, 'claim.take', body);
    void client.ask('awaited', { workspace, claim, wait: 20_000 }).catch(() => {});
  }
  await client.ask('claims', { workspace });
  client.close();
  skein.run('release', 'w', 'k2', '--for', 'one');
  const mine = () => claims().filter(({ holder }) => holder.name !== 'one');
  expect(mine().map(({ fence }) => fence === null)).toEqual([false, true]);
  await until('both to be gone', () => mine().length === 0, 20_000);
  skein.run('release', 'w', '--for', 'one');
}, 60_000);

test('[W1] what a program holds ends with it, and goes to who waits', async () => {
  skein.run('run', '-d', '--name', 'brief', '--workspace', 'w', '--', 'sh', '-c', 'exec cat');
  skein.run('claim', 'w', 'y', '--for', 'brief');
  const waits = skein.later(['claim', 'w', 'y', '--wait', '--json']);
  await until('somebody to wait', () => claims('y').some(({ fence }) => fence === null));
  skein.run('kill', 'brief');
  expect(JSON.parse((await waits).stdout)).toMatchObject({ globs: ['y'] });
  skein.run('release', 'w');
});

test('[W2] stealing needs a reason, is not for agents, and ends a run that may be writing', async () => {
  skein.run('claim', 'w', 'z', '--for', 'one');
  expect(skein.try(['claim', 'w', 'z', '--steal']).stderr).toContain('Say why');
  const agent = { ...inside('two'), SKEIN_AGENT: 'a' };
  expect(skein.try(['claim', 'z', '--steal', '--reason', 'x'], { env: agent }).status).toBe(5);
  const stolen = await skein.later(['claim', 'w', 'z', '--steal', '--reason', 'mine', '--json']);
  expect(JSON.parse(stolen.stdout)).toMatchObject({ globs: ['z'] });
  const listed = skein.json<{ name: string; state: string }[]>('ls');
  expect(listed.find(({ name }) => name === 'one')?.state).toBe('exited');
  skein.run('release', 'w');
});

test('[W1] a node that is killed loses no claim, and whoever waits goes on waiting', async () => {
  const held = skein.json<Claimed>('claim', 'w', 'q', '--for', 'two');
  const waits = skein.later(['claim', 'w', 'q', '--wait', '--json']);
  await until('somebody to wait', () => claims('q').length === 2);
  process.kill(skein.json<{ pid: number }>('status').pid, 'SIGKILL');
  await until('it to be back', () => claims('q')[0]?.claim === held.id);
  skein.run('release', 'w', '--for', 'two');
  const next = JSON.parse((await waits).stdout) as Claimed;
  expect(next.fence).toBeGreaterThan(held.fence);
  skein.run('release', 'w');
});

test('[W1] a program that is stopped past its lease holds what it holds; one that is killed does not', async () => {
  skein.run('run', '-d', '--name', 'paused', '--workspace', 'w', '--', 'sh', '-c', 'exec cat');
  skein.run('claim', 'w', 'p', '--for', 'paused', '--ttl', '1s');
  const [pid = 0] = withEnvironment('SKEIN_RUN', inside('paused').SKEIN_RUN ?? '');
  kill(pid, 'SIGSTOP');
  const began = performance.now();
  await until('its lease to be long over', () => performance.now() - began > 3_000);
  expect(skein.try(['claim', 'w', 'p']).stderr).toContain('is held by paused');
  kill(pid, 'SIGKILL');
  await until('its claim to end', () => claims('p').length === 0);
});

test('[W1] who waits at a terminal sees for whom, and withdraws with Ctrl-C', async () => {
  const tmux = new Tmux();
  try {
    skein.run('claim', 'w', 't', '--for', 'two');
    tmux.open('t', `sh -c "trap : INT; ${skein.command} claim w t --wait; echo ended; exec cat"`, 90, 10);
    await tmux.until('t', 'for whom', (screen) => /t: waiting for two \(\d+s\)/.test(screen));
    tmux.keys('t', 'C-c');
    await tmux.until('t', 'the end', (screen) => screen.includes('ended') && !screen.includes('waiting'));
    expect(claims('t')).toHaveLength(1);
  } finally {
    tmux.stop();
    skein.run('release', 'w', '--for', 'two');
  }
});

test('[K5] what is no pattern, no workspace or no holder is told as that', () => {
  expect(skein.try(['claim', 'w', '**/x']).stderr).toContain('can only be the last');
  expect(skein.try(['claim', 'nowhere', 'x'])).toMatchObject({ status: 3 });
  expect(skein.try(['claim', 'w', 'x', '--for', 'nobody']).stderr).toContain('There are: ');
  expect(skein.try(['claim', 'w', 'x'], { env: inside('two') }).stderr).toContain(
    'is the name of a workspace',
  );
  expect(skein.try(['claim', 'w', '../x', '-w', 'w']).status).toBe(2);
});
