/**
 * Input on its way into a PTY. Written here and not through the PTY's stream, which waits for the terminal by trying
 * again without end: while a program is stuck printing, nobody would read what it prints, nor serve the host's others.
 */
import fs from 'node:fs';

/** Milliseconds until the next try at a terminal that takes nothing; doubled while it takes nothing, up to the most. */
const RETRY_MS = 1;
const RETRY_MOST_MS = 50;

interface Waiting {
  bytes: Uint8Array;
  taken: () => void;
}

export class PtyInput {
  /** The PTY's descriptor; undefined once it is closed, when the number may be another file's. */
  readonly #fd: () => number | undefined;
  readonly #waiting: Waiting[] = [];
  #queued = 0;
  #timer: NodeJS.Timeout | undefined;
  #delay = RETRY_MS;

  constructor(fd: () => number | undefined) {
    this.#fd = fd;
  }

  /** Bytes that the terminal has not taken. */
  get queued(): number {
    return this.#queued;
  }

  /** The bytes are copied when they have to wait; `taken` is called when the system has them all. */
  write(bytes: Uint8Array, taken: () => void): void {
    const size = this.#waiting.length > 0 ? 0 : this.#take(bytes);
    if (size === undefined) return;
    if (size === bytes.length) return taken();
    const rest = Buffer.from(bytes.subarray(size));
    this.#waiting.push({ bytes: rest, taken });
    this.#queued += rest.length;
    this.#later();
  }

  /** Goes on with what waits: worth a try whenever the program has printed, as then it does something. */
  pump(): void {
    for (let first = this.#waiting[0]; first !== undefined; first = this.#waiting[0]) {
      const size = this.#take(first.bytes);
      if (size === undefined) return this.stop();
      this.#queued -= size;
      if (size > 0) this.#delay = RETRY_MS;
      if (size < first.bytes.length) {
        first.bytes = first.bytes.subarray(size);
        return this.#later();
      }
      this.#waiting.shift();
      first.taken();
    }
  }

  /** Drops what waits. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#waiting.length = 0;
    this.#queued = 0;
  }

  #later(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#delay = Math.min(this.#delay * 2, RETRY_MOST_MS);
      this.pump();
    }, this.#delay);
  }

  /** How many bytes the terminal takes just now; undefined when it is gone. */
  #take(bytes: Uint8Array): number | undefined {
    const fd = this.#fd();
    if (fd === undefined) return undefined;
    try {
      return fs.writeSync(fd, bytes);
    } catch (error) {
      return (error as NodeJS.ErrnoException).code === 'EAGAIN' ? 0 : undefined;
    }
  }
}
