/**
 * The terminal of a viewer on this machine, opened by the host itself: its keys and its screen then pass through one process
 * instead of two. The viewer's own process keeps the terminal's mode and size, and waits.
 */
import fs from 'node:fs';
import tty from 'node:tty';
import type { NearTerminalPlace } from '@skein/protocol/host/frames';
import { DetachKeys } from '@skein/protocol/text/detach-keys';

/** Where this system has its terminals, and nothing else. */
const TERMINAL = /^\/dev\/pts\/\d{1,9}$/;
/** Bytes that are written at once, without the stream's help, where the terminal takes them: a key's echo. */
const SMALL = 4 * 1024;
/** Bytes of keys read at a time. */
const READ = 4 * 1024;

interface NearTerminalEvents {
  /** Keys; the bytes last until the call returns. */
  input(bytes: Uint8Array): void;
  /** The keys that leave were typed. */
  leave(): void;
  /** The terminal has taken something that had to wait. */
  taken(): void;
  /** It is no more. */
  gone(): void;
}

export class NearTerminal {
  readonly #stream: tty.ReadStream;
  readonly #fd: number;
  readonly #keys: DetachKeys;
  readonly #events: NearTerminalEvents;
  #closed = false;
  /** The keys that leave were typed: what is typed next is for whoever has the terminal then. */
  #left = false;

  /** Undefined where it cannot be opened, or is another terminal than the one that is meant. */
  static open(place: NearTerminalPlace, events: NearTerminalEvents): NearTerminal | undefined {
    if (process.platform !== 'linux' || !TERMINAL.test(place.path)) return undefined;
    const { O_RDWR, O_NONBLOCK, O_NOCTTY } = fs.constants;
    let fd: number | undefined;
    try {
      fd = fs.openSync(place.path, O_RDWR | O_NONBLOCK | O_NOCTTY);
      // In another container the same path is somebody else's terminal.
      const { dev, ino, rdev } = fs.fstatSync(fd);
      if (dev === place.dev && ino === place.ino && rdev === place.rdev && tty.isatty(fd)) {
        const terminal = new NearTerminal(fd, new DetachKeys(place.detach), events);
        if (terminal.#free) return terminal;
        // It has no other than ours, and closes that.
        terminal.#closed = true;
        terminal.#stream.destroy();
        return undefined;
      }
    } catch {
      // It is another user's, or gone: the viewer serves it.
    }
    if (fd !== undefined) fs.closeSync(fd);
    return undefined;
  }

  private constructor(fd: number, keys: DetachKeys, events: NearTerminalEvents) {
    this.#fd = fd;
    this.#keys = keys;
    this.#events = events;
    // Not a WriteStream, whose writes wait for the terminal.
    const callback = (size: number, buffer: Uint8Array) => {
      this.#typed(buffer.subarray(0, size));
      return true;
    };
    this.#stream = new tty.ReadStream(fd, { onread: { buffer: Buffer.alloc(READ), callback } });
    this.#stream.on('error', () => this.#gone());
    this.#stream.on('close', () => this.#gone());
  }

  /**
   * Whether nothing ever waits for the terminal: the stream has opened it once more for itself, as Node does with terminals. Else
   * it would write to the one that it was given, and wait.
   */
  get #free(): boolean {
    const { _handle: handle } = this.#stream as { _handle?: { fd?: number } };
    return handle?.fd !== undefined && handle.fd !== this.#fd;
  }

  /** Bytes that the terminal has not taken yet. */
  get pending(): number {
    return this.#closed ? 0 : this.#stream.writableLength;
  }

  /** Reads it, from now on or again: its own process does not any more. */
  take(): void {
    if (!this.#closed && !this.#left) this.#stream.resume();
  }

  /** Reads no keys until `take`. */
  pause(): void {
    if (!this.#closed) this.#stream.pause();
  }

  /** Writes in order. The bytes must not change afterwards. */
  write(bytes: Uint8Array): void {
    if (this.#closed) return;
    const rest = this.#stream.writableLength === 0 && bytes.length <= SMALL ? this.#now(bytes) : bytes;
    if (rest.length > 0) this.#stream.write(rest, this.#taken);
  }

  /** Writes this last, as far as the terminal takes it at once, and lets go of it. */
  closeWith(last: Uint8Array): void {
    if (!this.#closed) this.#now(last);
    this.close();
  }

  /** Lets go of it; what it has not taken is dropped. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    // The stream closes only its own.
    this.#stream.destroy();
    fs.closeSync(this.#fd);
  }

  #now(bytes: Uint8Array): Uint8Array {
    try {
      return bytes.subarray(fs.writeSync(this.#fd, bytes));
    } catch {
      return bytes;
    }
  }

  readonly #taken = (): void => {
    if (!this.#closed) this.#events.taken();
  };

  #typed(bytes: Uint8Array): void {
    if (this.#closed) return;
    const { pass, detach } = this.#keys.push(bytes);
    if (pass.length > 0) this.#events.input(pass);
    if (!detach) return;
    this.#left = true;
    this.pause();
    this.#events.leave();
  }

  #gone(): void {
    if (this.#closed) return;
    this.close();
    this.#events.gone();
  }
}
