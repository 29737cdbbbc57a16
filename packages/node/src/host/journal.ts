/**
 * The journal of one run as its host writes it (rule H2): what the program prints is first forwarded, then comes here and
 * is written in batches. A PTY's drops its oldest bytes when it is full; when the disk refuses, the newest MiB is kept in
 * memory and what is lost is recorded as a gap, by the next segment's beginning later than the last one's end. A pipe's
 * loses nothing: whoever writes it stops reading while the disk refuses.
 */
import fs from 'node:fs';
import { RING_BYTES } from '@skein/protocol/limits';
import { type Found, readJournal } from './journal-files.ts';
import { JournalSegments } from './journal-segments.ts';
import { Recent } from './recent.ts';

/** Milliseconds that bytes may wait for company before they are written. */
const GATHER_MS = 4;
/** Bytes that are written without waiting. */
const GATHER_BYTES = 256 * 1024;
/** Bytes kept in memory for readers that are nearly up to date, so that they need no disk. */
const TAIL_BYTES = 256 * 1024;
/** Milliseconds between attempts while the disk refuses. */
const RETRY_MS = 250;

export interface JournalOptions {
  /** Bytes on disk, with what is beside the output, past which the oldest go, as far as they are consumed. */
  limit: number;
  /** Nothing is dropped that is not consumed, even while the disk refuses. */
  lossless?: boolean;
  /** The program's size, where it has one. */
  size?: [cols: number, rows: number];
}

interface JournalEvents {
  /** Bytes before `to` are on disk. */
  written(to: number): void;
  /** The disk refuses (true) or takes writes again (false). */
  refusing(refusing: boolean): void;
  /** Bytes are lost: overwritten in memory while the disk refused. */
  gap(from: number, to: number): void;
  /** What the emulator, or an agent's driver, has consumed: nothing past it is dropped. */
  consumed(): number;
}

export class Journal {
  readonly dir: string;
  readonly #lossless: boolean;
  readonly #events: JournalEvents;
  readonly #recent = new Recent();
  readonly #segments: JournalSegments;
  #written = 0;
  #writing = false;
  #refusing = false;
  #timer: NodeJS.Timeout | undefined;
  #idle: (() => void)[] = [];
  #closing = false;
  #closed = false;

  constructor(dir: string, { limit, lossless = false, size }: JournalOptions, events: JournalEvents) {
    this.dir = dir;
    this.#lossless = lossless;
    this.#events = events;
    this.#segments = new JournalSegments(dir, limit, size);
  }

  /** The offset after the last byte the program printed. */
  get head(): number {
    return this.#recent.head;
  }

  /** The offset after the last byte on disk. */
  get written(): number {
    return this.#written;
  }

  /** Bytes that wait to be written. */
  get pending(): number {
    return this.#recent.head - this.#written;
  }

  get refusing(): boolean {
    return this.#refusing;
  }

  /** After `close`: whether all that is to be is on disk. */
  get kept(): boolean {
    return this.#closed;
  }

  /** Takes a chunk, which must not change afterwards. */
  append(bytes: Uint8Array): void {
    this.#recent.push(bytes);
    if (this.#refusing) {
      if (!this.#lossless) this.#overflow();
    } else if (this.pending >= GATHER_BYTES) this.#write();
    else if (!this.#writing) this.#timer ??= setTimeout(() => this.#write(), GATHER_MS);
  }

  /** Records that from the present head on the program has this size. */
  resize(cols: number, rows: number, veiled = false): void {
    this.#segments.resize(this.head, [cols, rows], veiled);
    if (!this.#writing && !this.#refusing) this.#timer ??= setTimeout(() => this.#write(), GATHER_MS);
  }

  /** Up to `max` bytes at `offset`, from memory where they are there. What cannot be read is no gap: it can be later. */
  read(offset: number, max: number): Found {
    if (offset >= this.head) return { kind: 'end', head: this.head };
    if (offset < this.#recent.first) {
      let found: Found;
      try {
        found = readJournal(this.dir, offset, max, this.#segments.startOf(offset));
      } catch {
        return { kind: 'later' };
      }
      if (found.kind !== 'end') return found;
      // Past what is on disk, before what is in memory: lost while the disk refused.
      return { kind: 'gap', from: offset, to: this.#recent.first };
    }
    const parts = this.#recent.parts(offset, max);
    return {
      kind: 'bytes',
      offset,
      bytes: parts.length === 1 ? (parts[0] as Uint8Array) : Buffer.concat(parts),
    };
  }

  /** What is in memory alone, as far as it is still there. */
  unwritten(): { offset: number; bytes: Uint8Array } | undefined {
    const from = Math.max(this.#written, this.#recent.first);
    const found = this.read(from, this.head - from);
    return found.kind === 'bytes' ? found : undefined;
  }

  /** Resolves when everything taken so far is on disk; or the disk refuses, and what is taken may be lost. */
  flushed(): Promise<void> {
    if (this.pending === 0 || (this.#refusing && !this.#lossless)) return Promise.resolve();
    return new Promise((resolve) => {
      this.#idle.push(resolve);
      this.#write();
    });
  }

  /** Lets go of what is in memory and on disk already; the run is idle, or nobody needs what is before `to`. */
  relax(to = this.#written): void {
    this.#recent.drop(Math.min(to, this.#written), 0);
  }

  /** Writes what is left and closes. While the disk refuses, what is left is told to be missing, and tried until `settled`. */
  async close(): Promise<void> {
    await this.flushed();
    if (this.pending === 0) return this.#end();
    this.#closing = true;
    try {
      this.#segments.mark(this.head);
    } catch {
      // Not even that can be told.
    }
  }

  /** After `close`: tries once more to write what is left. */
  async settled(): Promise<void> {
    if (this.#closed) return;
    await new Promise<void>((resolve) => {
      this.#idle.push(resolve);
      this.#write();
    });
    this.#end();
  }

  #end(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#segments.end();
  }

  #write(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#writing || this.#closed) return;
    // Up to one segment's worth.
    const batch = this.pending > 0 ? this.#recent.parts(this.#written, RING_BYTES) : [];
    if (batch.length === 0 && !this.#segments.due) return this.#settle();
    let fd: number;
    try {
      fd = this.#segments.prepare(this.#written, total(batch), this.#consumed);
    } catch {
      return this.#refused();
    }
    this.#writing = true;
    fs.writev(fd, batch.length > 0 ? batch : [new Uint8Array(0)], null, (error, count) => {
      this.#writing = false;
      if (count > 0) this.#advance(count);
      if (error !== null || count < total(batch)) return this.#refused();
      if (this.#refusing) {
        this.#refusing = false;
        this.#events.refusing(false);
      }
      if (this.pending > 0) return this.#write();
      if (this.#closing) this.#end();
      this.#settle();
    });
  }

  /** Drops the oldest segments, as far as it is over its limit and they are consumed. */
  dropOldest(): void {
    this.#segments.dropOldest(this.#consumed);
  }

  readonly #consumed = (end: number): boolean => end <= this.#events.consumed();

  #advance(count: number): void {
    this.#segments.wrote(count);
    this.#written += count;
    this.#recent.drop(this.#written, TAIL_BYTES);
    this.#events.written(this.#written);
  }

  #refused(): void {
    this.#segments.forsake();
    if (!this.#refusing) {
      this.#refusing = true;
      this.#events.refusing(true);
    }
    if (!this.#lossless) {
      this.#overflow();
      this.#settle();
    }
    if (!this.#closed) this.#timer ??= setTimeout(() => this.#write(), RETRY_MS).unref();
  }

  /** Keeps the newest bytes only, and says what is lost. */
  #overflow(): void {
    if (this.#writing || this.pending <= RING_BYTES) return;
    const from = this.#written;
    this.#recent.drop(this.head, RING_BYTES);
    const to = Math.max(from, this.#recent.first);
    this.#written = to;
    this.#events.gap(from, to);
  }

  #settle(): void {
    for (const done of this.#idle.splice(0)) done();
  }
}

function total(parts: Uint8Array[]): number {
  return parts.reduce((sum, part) => sum + part.length, 0);
}
