/** How long a program takes from being started to its end, as a shell would see it. */
import { spawnSync } from 'node:child_process';
import { type Pinning, pinned } from './machine.ts';

/** Milliseconds; throws when the program fails. */
export function timeToEnd(
  command: string,
  words: readonly string[],
  env: NodeJS.ProcessEnv,
  pinning: Pinning,
): number {
  const [program, args] = pinned(pinning, command, words);
  const began = performance.now();
  const { status, stderr, error } = spawnSync(program, args, { env, stdio: ['ignore', 'ignore', 'pipe'] });
  const took = performance.now() - began;
  if (error) throw error;
  if (status !== 0)
    throw new Error(`${command} ${words.join(' ')} ended with ${status}: ${String(stderr).trim()}`);
  return took;
}

/** The yardstick for starting: the same Node, doing nothing. */
export function bareNode(env: NodeJS.ProcessEnv, pinning: Pinning): number {
  return timeToEnd(process.execPath, ['-e', '0'], env, pinning);
}
