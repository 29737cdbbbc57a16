/** Processes as tests see them: whether one still lives, what it takes, and how it is ended. */
import { readFileSync } from 'node:fs';
import { findByEnvironment, startTime } from '@skein/node/platform/process';

interface Known {
  pid: number;
  start: string;
}

/** Whether this very process lives: the same pid and the same start time. */
export function lives({ pid, start }: Known): boolean {
  return startTime(pid) === start;
}

/** Sends a signal to one process that a test started; one that is gone is no error. */
export function kill(pid: number, signal: NodeJS.Signals = 'SIGKILL'): void {
  try {
    process.kill(pid, signal);
  } catch {
    // Gone already.
  }
}

/** The processes with `NAME=value` in the environment they were started with. */
export function withEnvironment(name: string, value: string): number[] {
  return findByEnvironment(name, value).map(({ pid }) => pid);
}

/** Bytes of memory that belong to a process alone, shared pages divided; 0 when it is gone. */
export function pss(pid: number): number {
  try {
    const told = /^Pss:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'));
    return Number(told?.[1] ?? 0) * 1024;
  } catch {
    return 0;
  }
}

/** Resolves when `holds` returns true; looks often, and rejects with `what` after `patience` milliseconds. */
export async function until(
  what: string,
  holds: () => boolean | Promise<boolean>,
  patience = 10_000,
): Promise<void> {
  const deadline = performance.now() + patience;
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`did not happen in ${patience} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** A promise that fails with `what` when it takes longer than `patience` milliseconds. */
export function within<T>(patience: number, what: string, promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`did not happen in ${patience} ms: ${what}`)), patience);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}
