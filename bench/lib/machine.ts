/** The machine: its processors, and which of them what runs on. */
import { spawnSync } from 'node:child_process';
import { availableParallelism, cpus, release, totalmem } from 'node:os';
import { findProgram } from '../../test/support/programs.ts';

/**
 * `one`: what is measured has the last processor to itself and the harness the first, so that both programs pay the
 * same for moving between processors. `all`: no bound, for work that is to use what there is.
 */
export type Pinning = 'one' | 'all';

const canPin =
  process.platform === 'linux' && findProgram('taskset') !== undefined && availableParallelism() > 1;

/** The command line that runs another so pinned. */
export function pinned(pinning: Pinning, command: string, words: readonly string[]): [string, string[]] {
  if (!canPin) return [command, [...words]];
  const last = cpus().length - 1;
  return ['taskset', ['-c', pinning === 'one' ? `${last}` : `0-${last}`, command, ...words]];
}

/** Moves the harness itself, all its threads. */
export function pinHarness(pinning: Pinning): void {
  move(process.pid, pinning === 'one' ? '0' : `0-${cpus().length - 1}`);
}

/** Moves a process that runs already, all its threads. */
export function pinProcess(pid: number, pinning: Pinning): void {
  const last = cpus().length - 1;
  move(pid, pinning === 'one' ? `${last}` : `0-${last}`);
}

function move(pid: number, where: string): void {
  if (canPin) spawnSync('taskset', ['-a', '-c', '-p', where, `${pid}`], { stdio: 'ignore' });
}

export function describeMachine(): Record<string, number | string> {
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cpus: cpus().length,
    memoryGiB: Number((totalmem() / 2 ** 30).toFixed(1)),
    system: `${process.platform} ${release()} ${process.arch}`,
    node: process.version,
    pinned: canPin ? 'taskset' : 'no',
  };
}
