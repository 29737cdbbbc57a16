/**
 * Writing to the user's terminal: what it takes at once is written at once, on the loop, because a key's echo must not
 * wait for a thread; what it does not take is written by a thread, because a terminal that hangs must not stop the loop.
 */
import fs from 'node:fs';
import tty from 'node:tty';

/** Bytes that a terminal which cannot be asked, or a file, is trusted to take without waiting. */
const SMALL = 2 * 1024;
/** Milliseconds before a terminal that is full is tried again, where its own writes do not wait either. */
const AGAIN_MS = 5;

export class TerminalOut {
  readonly #fd: number;
  /** The same terminal or pipe, opened again so that its writes never wait. */
  readonly #eager: number | undefined;
  /** Bytes that are written on the loop where it is not. */
  readonly #small: number;
  #queue: Uint8Array[] = [];
  #pending = 0;
  #lostBy: NodeJS.ErrnoException | undefined;
  /** Told whenever the terminal has taken something that had to wait. */
  onTaken: () => void = () => {};

  constructor(fd: number) {
    this.#fd = fd;
    this.#eager = openEager(fd);
    this.#small = tty.isatty(fd) || fs.fstatSync(fd).isFile() ? SMALL : 0;
  }

  /** Bytes that the terminal has not taken yet. */
  get pending(): number {
    return this.#pending;
  }

  /** The terminal is no more. */
  get gone(): boolean {
    return this.#lostBy !== undefined;
  }

  /** Why it is no more, or takes nothing more. */
  get lostBy(): NodeJS.ErrnoException | undefined {
    return this.#lostBy;
  }

  /** Writes in order; what has to wait is copied. */
  write(bytes: Uint8Array): void {
    if (this.gone) return;
    const rest = this.#pending === 0 ? this.#now(bytes) : bytes;
    if (rest.length === 0) return;
    this.#pending += rest.length;
    this.#queue.push(Buffer.from(rest));
    if (this.#queue.length === 1) this.#later();
  }

  /** Writes what the terminal takes at once, behind all that waits, and says whether that was all. */
  offer(bytes: Uint8Array): boolean {
    return this.#pending === 0 && this.#now(bytes).length === 0;
  }

  /** Resolves when all is taken, or the time is over. */
  async drained(ms: number): Promise<void> {
    if (this.#pending === 0) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      const before = this.onTaken;
      this.onTaken = () => {
        before();
        if (this.#pending > 0 && !this.gone) return;
        clearTimeout(timer);
        resolve();
      };
    });
  }

  /** Writes these instead of all that waits but is not under way, and resolves when they are taken, however long that is. */
  async last(bytes: Uint8Array): Promise<void> {
    this.#queue.length = Math.min(this.#queue.length, 1);
    this.#pending = this.#queue[0]?.length ?? 0;
    this.write(bytes);
    while (this.#pending > 0) await new Promise<void>((resolve) => (this.onTaken = resolve));
  }

  #now(bytes: Uint8Array): Uint8Array {
    if (this.#eager === undefined && bytes.length > this.#small) return bytes;
    try {
      const written = fs.writeSync(this.#eager ?? this.#fd, bytes);
      return written === bytes.length ? bytes.subarray(written) : this.#now(bytes.subarray(written));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return bytes;
      this.#lost(error as NodeJS.ErrnoException);
      return new Uint8Array(0);
    }
  }

  #later(): void {
    const first = this.#queue[0];
    if (first === undefined) return;
    fs.write(this.#fd, first, 0, first.length, (error, written) => {
      if (error !== null && (error as NodeJS.ErrnoException).code === 'EAGAIN')
        return void setTimeout(() => this.#later(), AGAIN_MS);
      if (error !== null) this.#lost(error);
      else {
        this.#pending -= written;
        if (written === first.length) this.#queue.shift();
        else this.#queue[0] = first.subarray(written);
      }
      this.onTaken();
      this.#later();
    });
  }

  #lost(error: NodeJS.ErrnoException): void {
    this.#lostBy = error;
    this.#queue = [];
    this.#pending = 0;
  }
}

/**
 * Non-blocking is a property of the open file, which the shell shares with us; opened again, it is ours alone. Where the
 * system has no such way, small writes wait for the terminal and large ones go to a thread.
 */
function openEager(fd: number): number | undefined {
  const { O_WRONLY, O_NONBLOCK, O_NOCTTY } = fs.constants;
  try {
    // A file opened again would be written from its beginning.
    if (process.platform !== 'linux' || !(tty.isatty(fd) || fs.fstatSync(fd).isFIFO())) return undefined;
    return fs.openSync(`/proc/self/fd/${fd}`, O_WRONLY | O_NONBLOCK | O_NOCTTY);
  } catch {
    return undefined;
  }
}
