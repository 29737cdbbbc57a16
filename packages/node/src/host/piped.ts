/**
 * A program on pipes: bytes in both directions, what it writes to its stderr apart, its exit; and how much input still
 * waits. It leads a session and a process group of its own, as one on a PTY does.
 */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import os from 'node:os';
import { SkeinError } from '@skein/protocol/errors';
import { STDERR_TOLD } from '@skein/protocol/limits';
import { Tail } from './tail.ts';

/**
 * Milliseconds of silence after a program's end, and bytes, after which what a child of its still writes into its pipes is
 * not waited for. The bytes are more than the system keeps for a pipe, so that all of the program's own are taken.
 */
const LINGER_MS = 200;
const LINGER_BYTES = 1024 * 1024;

export interface PipedSpec {
  argv: string[];
  cwd: string;
  env: Record<string, string>;
}

interface PipedEvents {
  data(bytes: Uint8Array): void;
  /** Once, after the last data. */
  exit(code: number | null, signal: number | null): void;
}

export class Piped {
  readonly pid: number;
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #events: PipedEvents;
  readonly #stderr = new Tail(STDERR_TOLD);
  /** Streams of its output that are still open. */
  #open = 2;
  #queued = 0;
  #exited: { code: number | null; signal: number | null } | undefined;
  #ended = false;
  #linger: NodeJS.Timeout | undefined;
  /** Bytes that came after its end. */
  #late = 0;

  constructor(spec: PipedSpec, events: PipedEvents) {
    this.#events = events;
    const [program, ...args] = spec.argv;
    if (program === undefined) throw new SkeinError('bad_request', 'There is no program to start.');
    const child = start(program, args, spec);
    // What it says of a program that did not start is the same as the lack of a pid.
    child.on('error', () => {});
    if (child.pid === undefined)
      throw new SkeinError('start_failed', `"${program}" could not be started in ${spec.cwd}.`);
    this.#child = child;
    this.pid = child.pid;
    // A program that closes its input makes writes fail; that is its right.
    child.stdin.on('error', () => {});
    child.stdout.on('data', (bytes: Uint8Array) => this.#data(bytes));
    child.stderr.on('data', (bytes: Uint8Array) => {
      this.#stderr.push(bytes);
      this.#heard(bytes.length);
    });
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('error', () => {});
      stream.once('close', () => {
        this.#open--;
        this.#maybeOver();
      });
    }
    child.once('exit', (code, signal) => this.#exit(code, signal === null ? null : numberOf(signal)));
  }

  /** Bytes of input that the program has not taken. */
  get queued(): number {
    return this.#queued;
  }

  /** The last that it wrote to its stderr. */
  get stderr(): string {
    return this.#stderr.text;
  }

  /**
   * Writes input, which is copied; `taken` is called when the system has it. Input of a program that has closed its stdin is
   * taken too: nobody will ever read it, and whoever sent it shall not wait for that.
   */
  write(bytes: Uint8Array, taken: () => void): void {
    const { stdin } = this.#child;
    if (!stdin.writable) return taken();
    this.#queued += bytes.length;
    stdin.write(Buffer.from(bytes), () => {
      this.#queued -= bytes.length;
      if (this.#exited === undefined) taken();
    });
  }

  /** Closes its stdin behind what was written. */
  endInput(): void {
    this.#child.stdin.end();
  }

  /** Stops reading what it prints, so that it has to wait. Not after its end, when there is only little left. */
  pause(): void {
    if (this.#exited === undefined) this.#child.stdout.pause();
  }

  resume(): void {
    this.#child.stdout.resume();
  }

  #data(bytes: Uint8Array): void {
    if (this.#ended) return;
    this.#events.data(bytes);
    this.#heard(bytes.length);
  }

  #exit(code: number | null, signal: number | null): void {
    this.#exited = { code, signal };
    hangUp(this.pid);
    this.resume();
    this.#heard(0);
    this.#maybeOver();
  }

  /** After its end: whoever else holds its pipes may speak on only for so long. */
  #heard(bytes: number): void {
    if (this.#exited === undefined || this.#ended) return;
    this.#late += bytes;
    if (this.#late > LINGER_BYTES) return this.#close();
    clearTimeout(this.#linger);
    const late = this.#late;
    // What came while the loop was busy is read before that is called silence.
    this.#linger = setTimeout(() => setImmediate(() => late === this.#late && this.#close()), LINGER_MS);
  }

  #close(): void {
    this.#child.stdout.destroy();
    this.#child.stderr.destroy();
  }

  #maybeOver(): void {
    if (this.#open > 0 || this.#exited === undefined || this.#ended) return;
    this.#ended = true;
    clearTimeout(this.#linger);
    this.#events.exit(this.#exited.code, this.#exited.signal);
  }
}

function start(program: string, args: string[], { cwd, env }: PipedSpec): ChildProcessWithoutNullStreams {
  try {
    return spawn(program, args, { cwd, env, detached: true, stdio: 'pipe' });
  } catch (error) {
    const why = error instanceof Error ? error.message : error;
    throw new SkeinError('start_failed', `"${program}" could not be started: ${why}.`);
  }
}

/**
 * What a terminal does when its program ends: those that it left in its process group are told. The group's number, were
 * nobody left in it, is not another's yet, since numbers are given out in turn.
 */
function hangUp(pid: number): void {
  try {
    process.kill(-pid, 'SIGHUP');
  } catch {
    // Nobody is left.
  }
}

function numberOf(signal: NodeJS.Signals): number {
  return os.constants.signals[signal];
}
