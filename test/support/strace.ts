/** strace around a node: kills it at a chosen system call, or writes down the order of its calls. */
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { startTime } from '@skein/node/platform/process';
import type { NodeProcess } from './node-process.ts';
import { kill, lives, until } from './processes.ts';
import { findProgram } from './programs.ts';

/** Why strace cannot be used here; undefined when it can. */
export function straceMissing(): string | undefined {
  if (process.platform !== 'linux') return 'needs Linux';
  const strace = findProgram('strace');
  if (strace === undefined) return 'strace is not installed';
  const tried = spawnSync(strace, ['-f', '-o', '/dev/null', 'true'], { encoding: 'utf8' });
  return tried.status === 0 ? undefined : 'ptrace is not permitted';
}

/** Words that run a program and kill it when one of its threads enters `call` for the n-th time. */
export function killingAt(call: string, n: number): string[] {
  return [
    'strace',
    '-f',
    '-o',
    '/dev/null',
    '-e',
    `trace=${call}`,
    '-e',
    `inject=${call}:signal=SIGKILL:when=${n}`,
  ];
}

/** Words that run a program and write its calls to a file, with the names of files and `text` bytes of what is written. */
export function tracing(file: string, calls: readonly string[], text = 64): string[] {
  return ['strace', '-f', '-y', '-s', String(text), '-o', file, '-e', `trace=${calls.join(',')}`];
}

/** A process that runs under strace, apart from strace itself. */
export class Traced {
  readonly #strace: NodeProcess;
  #known: { pid: number; start: string } | undefined;

  constructor(strace: NodeProcess) {
    this.#strace = strace;
  }

  /** Resolves when the program itself has ended; strace may go on with what that has started. */
  async ended(patience: number): Promise<void> {
    await until('the traced node ends', () => !this.#alive(), patience);
  }

  /** Kills the program itself, then lets strace go: what it followed lives on. */
  async end(): Promise<void> {
    if (this.#alive() && this.#known !== undefined) kill(this.#known.pid);
    await this.ended(5_000);
    // Asked to end, strace may wait for ever for a thread to stop; when it is gone the system lets go for it.
    kill(this.#strace.pid);
    await this.#strace.ended;
    // Its first thread may be gone before the last, which still holds its files.
    const { pid } = this.#known ?? { pid: 0 };
    await until('all of the traced node is gone', () => threadsOf(pid) <= 1 && !this.#alive());
  }

  #alive(): boolean {
    if (!this.#strace.running) return false;
    if (this.#known === undefined) {
      const { pid } = this.#strace;
      const told = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ')[0];
      const start = startTime(Number(told));
      // strace begins by trying out ptrace on children of its own, which are gone at once.
      if (start === undefined || !isNode(Number(told))) return true;
      this.#known = { pid: Number(told), start };
    }
    return lives(this.#known);
  }
}

function isNode(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'latin1').startsWith(process.execPath);
  } catch {
    return false;
  }
}

/** A process whose parent has not looked yet has one thread left, and nothing else. */
function threadsOf(pid: number): number {
  try {
    return readdirSync(`/proc/${pid}/task`).length;
  } catch {
    return 0;
  }
}
