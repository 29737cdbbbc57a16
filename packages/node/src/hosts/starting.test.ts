/** Programs whose host answers late, or whose node is killed meanwhile, on real hosts: each is started once (rule H4). */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { SkeinError } from '@skein/protocol/errors';
import { newId } from '@skein/protocol/ids';
import { MAX_FRAME } from '@skein/protocol/limits';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { runDir, writeAsked } from '../host/run-files.ts';
import { findByEnvironment } from '../platform/process.ts';
import type { HostLink } from './link.ts';
import { HostPool } from './pool.ts';
import { hostIds, hostLives } from './records.ts';
import { resumeStart, startIn } from './starting.ts';

const BUNDLE = path.join(import.meta.dirname, '../../dist');

let home: string;
let pools: HostPool[];
/** What became of starts that nobody waits for. */
let untold: Promise<unknown>[];
beforeEach(async () => {
  home = fs.mkdtempSync(path.join(os.tmpdir(), 'sk-late-'));
  fs.mkdirSync(path.join(home, 'run'), { mode: 0o700 });
  pools = [];
  untold = [];
  await open();
});
afterEach(async () => {
  for (const { pid } of now().list()) process.kill(pid, 'SIGCONT');
  await now().shutdown();
  for (const pool of pools) pool.close();
  await Promise.all(untold);
  while (hostIds(home).some((id) => hostLives(home, id))) await sleep(5);
  fs.rmSync(home, { recursive: true, force: true });
});

/** The pool of the next node. */
async function open(): Promise<void> {
  const none = () => {};
  const pool = new HostPool(home, BUNDLE, '1.2.3', { event: none, lost: none, regained: none, log: none });
  pools.push(pool);
  await pool.adopt();
}

function now(): HostPool {
  const pool = pools.at(-1);
  if (pool === undefined) throw new Error('There is no pool.');
  return pool;
}

/** A link whose host is given no time to answer. `asked` is called when it was asked. */
function impatient(link: HostLink, asked: () => void): Pick<HostLink, 'request'> {
  return {
    request: (type, body) => {
      asked();
      untold.push(link.request(type, body).catch(() => {}));
      return Promise.reject(new SkeinError('timeout', 'The host did not answer.'));
    },
  };
}

/** Asks a host that is stopped to start a program, and gives it up. */
async function askStopped() {
  const run = newId();
  const { id, link } = await now().place(run, 'pty');
  process.kill(link.pid, 'SIGSTOP');
  const program = {
    run,
    argv: ['cat'],
    cwd: home,
    env: { PATH: process.env.PATH ?? '' },
    cols: 80,
    rows: 24,
  };
  const asked = Promise.withResolvers<void>();
  const started = startIn(now(), home, { id, link: impatient(link, asked.resolve) }, program);
  await asked.promise;
  return { run, id, pid: link.pid, started };
}

/** Resolves with the processes of a run, of which there must be some: one that was forked becomes its program a moment later. */
async function programs(run: string): Promise<number[]> {
  for (;;) {
    const found = findByEnvironment('SKEIN_RUN', run);
    if (found.length > 0) return found.map(({ pid }) => pid);
    await sleep(5);
  }
}

test('[H4] a start that its host answers late is a start, and not refused', async () => {
  const { run, id, pid, started } = await askStopped();
  process.kill(pid, 'SIGCONT');
  const there = await started;
  expect(there.host).toBe(id);
  expect(await programs(run)).toEqual([there.pid]);
});

test('[H4] the next node waits for the host that was asked, and starts it nowhere else', async () => {
  const { run, id, pid } = await askStopped();
  now().close();
  await open();
  expect(now().isSilent(id)).toBe(true);
  const resumed = resumeStart(now(), home, run);
  process.kill(pid, 'SIGCONT');
  const there = await resumed;
  expect(there?.host).toBe(id);
  expect(await programs(run)).toEqual([there?.pid]);
});

test('[H4] a start of which its host knows nothing was not begun; one whose host ended is lost', async () => {
  const run = newId();
  const { id, link } = await now().place(run, 'pty');
  expect(await resumeStart(now(), home, run)).toBeUndefined();
  await writeAsked(runDir(home, run), { run, host: id });
  expect(await resumeStart(now(), home, run)).toBeUndefined();
  process.kill(link.pid, 'SIGKILL');
  await expect(resumeStart(now(), home, run)).rejects.toThrow(expect.objectContaining({ code: 'host_lost' }));
});

test('[H4] a start that is refused leaves nothing on disk, on a terminal or on pipes', async () => {
  const vars = { cwd: home, env: { PATH: process.env.PATH ?? '' } };
  const pipe = { run: newId(), kind: 'pipe' as const, argv: ['/no/such/program'], ...vars };
  const refused = startIn(now(), home, await now().place(pipe.run, 'pipe'), pipe);
  await expect(refused).rejects.toMatchObject({ code: 'start_failed' });
  const env = { LARGE: 'x'.repeat(MAX_FRAME) };
  const pty = { run: newId(), argv: ['cat'], ...vars, env, cols: 80, rows: 24 };
  const tooLarge = startIn(now(), home, await now().place(pty.run, 'pty'), pty);
  await expect(tooLarge).rejects.toMatchObject({ code: 'too_large' });
  expect(fs.readdirSync(path.join(home, 'runs'))).toEqual([]);
});
