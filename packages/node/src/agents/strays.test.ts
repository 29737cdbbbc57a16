/** What hosts hold on pipes and no agent has any more is ended and forgotten; the rest is left alone (rule H4). */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { newId } from '@skein/protocol/ids';
import { expect, test } from 'vitest';
import { runDir } from '../host/run-files.ts';
import { HostPool } from '../hosts/pool.ts';
import { hostIds, hostLives } from '../hosts/records.ts';
import { isAlive } from '../platform/process.ts';
import { endStrays } from './strays.ts';

const BUNDLE = path.join(import.meta.dirname, '../../dist');

test('[H4] a program on pipes that no agent has is ended and forgotten, whether it runs or has ended', async () => {
  const home = fs.mkdtempSync(path.join(os.tmpdir(), 'sk-stray-'));
  fs.mkdirSync(path.join(home, 'run'), { mode: 0o700 });
  const wanted = new Set<string>();
  const failed: unknown[] = [];
  const look = () => endStrays(pool, home, async () => wanted).catch((error) => failed.push(error));
  const pool: HostPool = new HostPool(home, BUNDLE, '1.2.3', {
    event: (_, { type }) => void (type === 'exited' && look()),
    lost: () => {},
    regained: () => {},
    log: () => {},
  });
  try {
    await pool.adopt();
    const start = async (argv: string[], keep: boolean) => {
      const run = newId();
      if (keep) wanted.add(run);
      const { link } = await pool.place(run, 'pipe');
      const env = { PATH: process.env.PATH ?? '' };
      return { run, ...(await link.request('start', { run, kind: 'pipe', argv, cwd: home, env })) };
    };
    const kept = await start(['cat'], true);
    const unread = await start(['true'], true);
    const stray = await start(['sh', '-c', 'trap "" TERM HUP; while :; do sleep 1000; done'], false);
    const over = await start(['true'], false);
    await look();
    for (const { run } of [stray, over]) {
      while ((await pool.heldPipes()).has(run)) await sleep(5);
      while (fs.existsSync(runDir(home, run))) await sleep(5);
    }
    while (isAlive(stray.pid, stray.start)) await sleep(5);
    expect(isAlive(kept.pid, kept.start)).toBe(true);
    expect([...(await pool.heldPipes()).keys()].sort()).toEqual([kept.run, unread.run].sort());
    expect(fs.existsSync(runDir(home, unread.run))).toBe(true);
    expect(failed).toEqual([]);
  } finally {
    await pool.shutdown();
    pool.close();
    while (hostIds(home).some((id) => hostLives(home, id))) await sleep(5);
    fs.rmSync(home, { recursive: true, force: true });
  }
});
