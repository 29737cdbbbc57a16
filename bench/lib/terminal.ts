/** A program on a PTY of the harness, as a person's terminal would hold it. */
import { spawn } from 'node-pty';
import { type Pinning, pinned } from './machine.ts';
import { atEnd, killQuietly } from './teardown.ts';

interface TerminalOptions {
  pinning: Pinning;
  env?: NodeJS.ProcessEnv;
  cols?: number;
  rows?: number;
}

/** Milliseconds after which something that was waited for counts as broken. */
const PATIENCE_MS = 30_000;

export class Terminal {
  readonly #pty: ReturnType<typeof spawn>;
  readonly #stop: () => void;
  readonly exited: Promise<number>;
  #listener: ((bytes: Buffer) => void) | undefined;
  #recent = Buffer.alloc(0);
  /** Bytes that arrived in all. */
  received = 0;

  constructor(command: string, words: readonly string[], options: TerminalOptions) {
    const [program, args] = pinned(options.pinning, command, words);
    const env = { ...plainEnvironment(), ...options.env };
    const size = { cols: options.cols ?? 80, rows: options.rows ?? 24 };
    this.#pty = spawn(program, args, { ...size, env: env as Record<string, string>, encoding: null });
    this.#pty.onData((data) => this.#take(data));
    this.exited = new Promise((resolve) => this.#pty.onExit(({ exitCode }) => resolve(exitCode)));
    const { pid } = this.#pty;
    this.#stop = atEnd(() => killQuietly(pid));
    void this.exited.then(this.#stop);
  }

  get pid(): number {
    return this.#pty.pid;
  }

  write(text: string): void {
    this.#pty.write(text);
  }

  /** The one that is told of every chunk from now on. */
  listen(listener: ((bytes: Buffer) => void) | undefined): void {
    this.#listener = listener;
  }

  /** Stops reading: the program feels a terminal that hangs. */
  pause(): void {
    this.#pty.pause();
  }

  /** Resolves with performance.now() of the chunk that completes `text`; only what arrives from now on counts. */
  waitFor(text: string, patience = PATIENCE_MS): Promise<number> {
    this.#recent = Buffer.alloc(0);
    const wanted = Buffer.from(text);
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.listen(undefined);
        const seen = JSON.stringify(this.#recent.subarray(-120).toString('latin1'));
        reject(new Error(`'${text}' did not appear in ${patience} ms; last was ${seen}`));
      }, patience);
      this.listen((bytes) => {
        const at = performance.now();
        const whole = Buffer.concat([this.#recent, bytes]);
        if (whole.includes(wanted)) {
          clearTimeout(timer);
          this.listen(undefined);
          resolve(at);
        } else {
          this.#recent = whole.subarray(-Math.max(512, wanted.length));
        }
      });
    });
  }

  /** Resolves once so many more bytes have arrived. */
  more(bytes: number, patience = PATIENCE_MS): Promise<void> {
    const wanted = this.received + bytes;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`no ${bytes} bytes came in ${patience} ms`)), patience);
      this.listen(() => {
        if (this.received < wanted) return;
        clearTimeout(timer);
        this.listen(undefined);
        resolve();
      });
    });
  }

  /** Resolves once nothing has arrived for `ms`. */
  quiet(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        this.listen(undefined);
        resolve();
      };
      let timer = setTimeout(done, ms);
      this.listen(() => {
        clearTimeout(timer);
        timer = setTimeout(done, ms);
      });
    });
  }

  async close(): Promise<void> {
    this.#stop();
    await this.exited;
  }

  #take(bytes: Buffer): void {
    this.received += bytes.length;
    this.#listener?.(bytes);
  }
}

/** Nothing of the caller's own session: no TMUX, no SKEIN_HOME, no prompt of its own. */
export function plainEnvironment(): NodeJS.ProcessEnv {
  const { PATH, HOME, USER } = process.env;
  return { PATH, HOME, USER, TERM: 'xterm-256color', LANG: 'C.UTF-8', SHELL: '/bin/sh' };
}
