/** A program on a PTY, through node-pty: bytes in both directions, size, exit; and how much input still waits. */
import fs from 'node:fs';
import type { Socket } from 'node:net';
import { SkeinError } from '@skein/protocol/errors';
import { type IPty, spawn } from 'node-pty';
import { gathered } from './gather.ts';
import { holdOpen } from './held-open.ts';
import { PtyInput } from './pty-input.ts';

/** Bytes read at a time of what a program printed last, and in all. */
const READ = 4096;
const LAST_MAX = 1024 * 1024;

export interface PtySpec {
  argv: string[];
  cwd: string;
  env: Record<string, string>;
  cols: number;
  rows: number;
}

interface PtyEvents {
  data(bytes: Uint8Array): void;
  /** Once, after the last data. */
  exit(code: number | null, signal: number | null): void;
}

export class Pty {
  readonly #pty: IPty;
  readonly #socket: Socket;
  readonly #input = new PtyInput(() => (this.#ended || this.#socket.destroyed ? undefined : this.#pty.fd));
  #ended = false;

  constructor(spec: PtySpec, events: PtyEvents) {
    const [program, ...args] = spec.argv;
    if (program === undefined) throw new SkeinError('bad_request', 'There is no program to start.');
    try {
      this.#pty = spawn(program, args, {
        cwd: spec.cwd,
        env: spec.env,
        cols: spec.cols,
        rows: spec.rows,
        name: spec.env.TERM ?? 'xterm-256color',
        encoding: null,
      });
    } catch (error) {
      throw new SkeinError(
        'start_failed',
        `"${program}" could not be started: ${error instanceof Error ? error.message : error}.`,
      );
    }
    this.#socket = this.#pty._socket;
    holdOpen(this.#pty);
    this.#drainFirst(events);
    this.#pty.onData((data) => {
      events.data(this.#ended ? data : gathered(data, this.#read));
      this.#input.pump();
    });
    this.#pty.onExit(({ exitCode, signal }) => {
      if (this.#ended) return;
      this.#ended = true;
      this.#input.stop();
      events.exit(signal ? null : exitCode, signal || null);
    });
  }

  /** A while after the program's end its terminal is closed, read or not: what it printed last is taken before. */
  #drainFirst(events: PtyEvents): void {
    const socket = this.#socket;
    const destroy = socket.destroy.bind(socket);
    socket.destroy = (error?: Error) => {
      socket.destroy = destroy;
      // What waits in the stream is told as it is read.
      while (socket.read() !== null);
      try {
        // No more than a terminal holds, but by others that the program has left there.
        for (let left = LAST_MAX; left > 0; ) {
          const bytes = Buffer.allocUnsafeSlow(READ);
          const size = this.#read(bytes, 0, READ);
          if (size === 0) break;
          left -= size;
          events.data(bytes.subarray(0, size));
        }
      } catch {
        // It is empty, or closed on the other side.
      }
      return destroy(error);
    };
  }

  get pid(): number {
    return this.#pty.pid;
  }

  /** Bytes of input that the program has not taken. */
  get queued(): number {
    return this.#input.queued;
  }

  /** Writes input; `taken` is called when the system has it. The bytes are copied when they have to wait. */
  write(bytes: Uint8Array, taken: () => void): void {
    this.#input.write(bytes, taken);
  }

  readonly #read = (into: Buffer, at: number, most: number): number =>
    fs.readSync(this.#pty.fd, into, at, most, null);

  resize(cols: number, rows: number): void {
    if (this.#ended) return;
    try {
      this.#pty.resize(cols, rows);
    } catch {
      // The program ended a moment ago; its exit follows.
    }
  }

  pause(): void {
    if (!this.#ended) this.#pty.pause();
  }

  resume(): void {
    if (!this.#ended) this.#pty.resume();
  }
}
