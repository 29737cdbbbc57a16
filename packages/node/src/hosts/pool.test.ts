/** The node's hosts, as real processes: which holds what, and what becomes of programs when theirs is killed (H1, H4). */
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { HostKind } from '@skein/protocol/host/kind';
import { newId } from '@skein/protocol/ids';
import { MAX_FRAME } from '@skein/protocol/limits';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { findByEnvironment, isAlive } from '../platform/process.ts';
import { HostPool } from './pool.ts';
import { hostIds, hostLives } from './records.ts';

/** Milliseconds that a host is given to answer. */
const ANSWER_MS = 10_000;

const BUNDLE = path.join(import.meta.dirname, '../../dist');

interface Started {
  run: string;
  host: string;
  pid: number;
  start: string;
}

let home: string;
let lost: Set<string>;
let wake: (() => void)[];
let pools: HostPool[];
beforeEach(() => {
  home = fs.mkdtempSync(path.join(os.tmpdir(), 'sk-pool-'));
  fs.mkdirSync(path.join(home, 'run'), { mode: 0o700 });
  lost = new Set();
  wake = [];
  pools = [];
});
afterEach(async () => {
  await pools.at(-1)?.shutdown();
  // Nobody takes their runs' ends: they go once they are alone.
  for (const pool of pools) pool.close();
  while (hostIds(home).some((id) => hostLives(home, id))) await sleep(5);
  fs.rmSync(home, { recursive: true, force: true });
});

function open(bundle = BUNDLE): HostPool {
  const pool: HostPool = new HostPool(home, bundle, '1.2.3', {
    event: () => {},
    lost: (host) => {
      lost.add(host);
      for (const one of wake.splice(0)) one();
    },
    regained: () => {},
    log: () => {},
  });
  pools.push(pool);
  return pool;
}

async function start(pool: HostPool, kind: HostKind, argv: string[]): Promise<Started> {
  const run = newId();
  const { id, link } = await pool.place(run, kind);
  const program = { run, argv, cwd: home, env: { PATH: process.env.PATH ?? '' } };
  const body = kind === 'pipe' ? { ...program, kind } : { ...program, cols: 80, rows: 24 };
  return { run, host: id, ...(await link.request('start', body)) };
}

async function killed(host: string, pid: number): Promise<void> {
  process.kill(pid, 'SIGKILL');
  while (!lost.has(host)) await new Promise<void>((resolve) => wake.push(resolve));
}

/** Resolves when nothing of a run lives: what was killed takes a moment to be gone. */
async function cleared(run: string): Promise<void> {
  while (findByEnvironment('SKEIN_RUN', run).length > 0) await sleep(5);
}

/** The limit of descriptors with which a process can have so many more. */
function freeBelow(pid: number, free: number): number {
  const taken = new Set(fs.readdirSync(`/proc/${pid}/fd`).map(Number));
  let limit = 0;
  for (let left = free; left > 0 || taken.has(limit); limit++) if (!taken.has(limit)) left--;
  return limit;
}

const pidOf = (pool: HostPool, host: string) => pool.list().find(({ id }) => id === host)?.pid ?? 0;

describe('hosts of a kind', () => {
  test('[H1] terminals and agents are in different hosts, which say what they hold to every later node', async () => {
    const first = open();
    await first.adopt();
    const [pipe, pty, other] = await Promise.all([
      start(first, 'pipe', ['cat']),
      start(first, 'pty', ['cat']),
      start(first, 'pipe', ['cat']),
    ]);
    expect(pty.host).not.toBe(pipe.host);
    expect(other.host).toBe(pipe.host);
    first.close();

    const second = open();
    const held = await second.adopt();
    const told = second.list().map(({ id, kind, runs }) => ({ id, kind, runs }));
    expect(told).toHaveLength(2);
    expect(told).toContainEqual({ id: pipe.host, kind: 'pipe', runs: 2 });
    expect(told).toContainEqual({ id: pty.host, kind: 'pty', runs: 1 });
    expect(held.get(pty.host)?.map(({ kind }) => kind)).toEqual([undefined]);
    expect(held.get(pipe.host)?.map(({ kind }) => kind)).toEqual(['pipe', 'pipe']);
    const pipes = await second.heldPipes();
    expect([...pipes.keys()].sort()).toEqual([pipe.run, other.run].sort());
    expect(pipes.get(pipe.run)).toMatchObject({ host: pipe.host, info: { pid: pipe.pid } });
    expect((await start(second, 'pipe', ['cat'])).host).toBe(pipe.host);
  });

  test('[H1] one that does not answer gets no new runs until it does, and others do', async () => {
    const pool = open();
    await pool.adopt();
    const there = await start(pool, 'pty', ['cat']);
    const pid = pidOf(pool, there.host);
    process.kill(pid, 'SIGSTOP');
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const unanswered = pool.get(there.host).request('list', {});
    vi.advanceTimersByTime(ANSWER_MS);
    vi.useRealTimers();
    await expect(unanswered).rejects.toMatchObject({ code: 'timeout' });
    const other = await start(pool, 'pty', ['cat']);
    expect(other.host).not.toBe(there.host);
    process.kill(pid, 'SIGCONT');
    await pool.get(there.host).request('list', {});
    expect((await pool.place(newId(), 'pty')).id).toBe(there.host);
  });

  test('[H1] a host is not taken for dead by a node that has no descriptor left to look', async () => {
    const pool = open();
    await pool.adopt();
    const { host } = await start(pool, 'pty', ['cat']);
    const none = () => {
      throw Object.assign(new Error('EMFILE: too many open files'), { code: 'EMFILE' });
    };
    const look = vi.spyOn(fs, 'readFileSync').mockImplementation(none);
    try {
      expect(hostLives(home, host)).toBe(true);
    } finally {
      look.mockRestore();
    }
    expect(hostLives(home, host)).toBe(true);
    expect(hostLives(home, 'none')).toBe(false);
  });

  test('[H1] one that could not be started for want of room leaves nothing, however often it is tried', async () => {
    const pool = open();
    await pool.adopt();
    const full = vi.spyOn(fs, 'fsyncSync').mockImplementation(() => {
      throw Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' });
    });
    try {
      for (let n = 0; n < 3; n++)
        await expect(pool.place(newId(), 'pty')).rejects.toMatchObject({ code: 'ENOSPC' });
    } finally {
      full.mockRestore();
    }
    expect(hostIds(home)).toEqual([]);
    await start(pool, 'pty', ['cat']);
    expect(hostIds(home)).toHaveLength(1);
  });

  test.skipIf(process.platform !== 'linux')(
    '[H4] a host that is short of descriptors starts no program without knowing which process it is',
    async () => {
      const pool = open();
      await pool.adopt();
      const { host } = await start(pool, 'pty', ['cat']);
      const pid = pidOf(pool, host);
      const limit = (soft: string) => execFileSync('prlimit', ['--pid', String(pid), `--nofile=${soft}:`]);
      const before = execFileSync('prlimit', [
        '--pid',
        String(pid),
        '--nofile',
        '-o',
        'SOFT',
        '--noheadings',
      ]);
      for (let free = 0; free < 8; free++) {
        limit(String(freeBelow(pid, free)));
        const started = await start(pool, 'pty', ['cat']).catch(({ code }) => code);
        limit(String(before).trim());
        if (typeof started === 'string') expect(['host_unavailable', 'start_failed']).toContain(started);
        else {
          expect(isAlive(started.pid, started.start)).toBe(true);
          const killing = { run: started.run, signal: 'SIGKILL' };
          expect(await pool.get(host).request('signal', killing)).toEqual({ sent: true });
        }
      }
    },
  );

  test('[C5] [H4] a program with more to be told than a host takes at once is refused, and its host stays in touch', async () => {
    const pool = open();
    await pool.adopt();
    const { host } = await start(pool, 'pty', ['cat']);
    const link = pool.get(host);
    const env = { LARGE: 'x'.repeat(MAX_FRAME) };
    const large = { run: newId(), argv: ['cat'], cwd: home, env, cols: 80, rows: 24 };
    await expect(link.request('start', large)).rejects.toMatchObject({ code: 'too_large' });
    expect((await link.request('list', {})).runs).toHaveLength(1);
  });

  test('[H1] one of another build gets no new runs, even if it was stopped when the node of this one started', async () => {
    const first = open();
    await first.adopt();
    const old = await start(first, 'pty', ['cat']);
    const pid = pidOf(first, old.host);
    process.kill(pid, 'SIGSTOP');
    first.close();
    const bundle = path.join(home, 'bundle');
    fs.cpSync(BUNDLE, bundle, { recursive: true });
    fs.appendFileSync(path.join(bundle, 'host.cjs'), '// another');
    const second = open(bundle);
    try {
      await second.adopt();
    } finally {
      process.kill(pid, 'SIGCONT');
    }
    while (second.isSilent(old.host)) await second.whenHeard(old.host);
    expect(second.list()).toMatchObject([{ id: old.host, runs: 1, draining: true }]);
    expect((await start(second, 'pty', ['cat'])).host).not.toBe(old.host);
  });

  test('[H4] no program on pipes outlives a host that is killed, nor what it started; those of others do', async () => {
    const pool = open();
    await pool.adopt();
    const stubborn = ['sh', '-c', 'trap "" HUP PIPE TERM; setsid sleep 1000 & while :; do sleep 1000; done'];
    const [pipe, pty] = [await start(pool, 'pipe', stubborn), await start(pool, 'pty', ['cat'])];
    while (findByEnvironment('SKEIN_RUN', pipe.run).length < 3) await sleep(5);
    await killed(pipe.host, pidOf(pool, pipe.host));
    await cleared(pipe.run);
    expect(isAlive(pty.pid, pty.start)).toBe(true);
    expect(hostIds(home)).toEqual([pty.host]);
  });

  test('[H4] nor a host that was killed while there was no node', async () => {
    const first = open();
    await first.adopt();
    const pipe = await start(first, 'pipe', ['sh', '-c', 'while :; do sleep 1000; done']);
    const pid = pidOf(first, pipe.host);
    first.close();
    process.kill(pid, 'SIGKILL');
    const second = open();
    await second.adopt();
    // A killed process may be on its way out when it is looked for; then its host is said to be lost.
    while (second.isSilent(pipe.host)) await second.whenHeard(pipe.host);
    await cleared(pipe.run);
    expect(second.list()).toEqual([]);
  });
});
