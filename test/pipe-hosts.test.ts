/** A host is killed at any step of starting a program on pipes: nothing of that program lives on (rule H4). */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { HostPool } from '@skein/node/hosts/pool';
import { makeDir } from '@skein/node/platform/files';
import { newId } from '@skein/protocol/ids';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { destroyHome, makeHome } from './support/home.ts';
import { condition, needs } from './support/needs.ts';
import { kill, until, withEnvironment, within } from './support/processes.ts';
import { straceMissing } from './support/strace.ts';

const BUNDLE = join(import.meta.dirname, '../packages/node/dist');
/** System calls of a host while it starts a program: its record, the fork in its ways, the record of the process. */
const STEPS = [
  ['rename', 1],
  ['clone', 1],
  ['clone3', 1],
  ['vfork', 1],
  ['fork', 1],
  ['rename', 2],
] as const;

let home: string;
let pool: HostPool;
let lost: Set<string>;
beforeEach(async () => {
  home = makeHome();
  makeDir(join(home, 'run'));
  lost = new Set();
  pool = new HostPool(home, BUNDLE, '1.2.3', {
    event: () => {},
    lost: (host) => void lost.add(host),
    regained: () => {},
    log: () => {},
  });
  await pool.adopt();
});
afterEach(() => {
  for (const { pid } of pool.list()) kill(pid);
  pool.close();
  destroyHome(home);
});

needs(condition(straceMissing() === undefined, straceMissing() ?? ''))('a host of pipes', () => {
  test('[H4] killed while it starts a program on pipes, a host leaves nothing of it', async () => {
    for (const [call, when] of STEPS) {
      const run = newId();
      const { id, link } = await pool.place(run, 'pipe');
      const inject = ['-e', `trace=${call}`, '-e', `inject=${call}:signal=SIGKILL:when=${when}`];
      const strace = spawn('strace', ['-f', '-o', '/dev/null', ...inject, '-p', String(link.pid)], {
        stdio: ['ignore', 'ignore', 'pipe'],
      });
      const ended = once(strace, 'exit');
      await within(5_000, 'strace is attached', once(strace.stderr, 'data'));
      const argv = ['sh', '-c', 'trap "" HUP PIPE TERM; while :; do sleep 3600; done'];
      const env = { PATH: process.env.PATH ?? '' };
      const body = { run, kind: 'pipe' as const, argv, cwd: '/tmp', env };
      await link.request('start', body).catch((error) => expect(error).toMatchObject({ code: 'host_lost' }));
      // A call that this start did not make has killed nobody yet.
      kill(link.pid);
      await until('the host is told as lost', () => lost.has(id));
      await until(
        `nothing lives, killed at ${call} ${when}`,
        () => withEnvironment('SKEIN_RUN', run).length === 0,
      );
      strace.kill('SIGKILL');
      await ended;
    }
    expect(pool.list()).toEqual([]);
  });
});
