/**
 * The journal of one run as its host writes it (rule H2): what the program prints is first forwarded, then comes here and
 * is written in batches. A PTY's drops its oldest bytes when it is full; when the disk refuses, the newest MiB is kept in
 * memory and what is lost is recorded as a gap, by the next segment's beginning later than the last one's end. A pipe's
 * loses nothing: whoever writes it stops reading while the disk refuses.
 */
import fs from 'node:fs';
import { RING_BYTES } from '@skein/protocol/limits';
import { FILE_MODE, makeDir } from '../platform/files.ts';
import {
  type Found,
  INDEX_BYTES,
  type IndexLine,
  indexFile,
  listSegments,
  readJournal,
  SEGMENT_BYTES,
  segmentFile,
} from './journal-files.ts';
import { Recent } from './recent.ts';

/** Milliseconds that bytes may wait for company before they are written. */
const GATHER_MS = 4;
/** Bytes that are written without waiting. */
const GATHER_BYTES = 256 * 1024;
/** Bytes kept in memory for readers that are nearly up to date, so that they need no disk. */
const TAIL_BYTES = 256 * 1024;
/** Milliseconds between attempts while the disk refuses. */
const RETRY_MS = 250;
/** Milliseconds between two times in the index. */
const TIME_MS = 100;

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

/** Bytes of output from `start` on, and of the index beside it. */
interface Written {
  start: number;
  size: number;
  index: number;
}

export class Journal {
  readonly dir: string;
  readonly #limit: number;
  readonly #lossless: boolean;
  readonly #events: JournalEvents;
  readonly #recent = new Recent();
  #written = 0;
  #fd: number | undefined;
  #segment: Written = { start: 0, size: 0, index: 0 };
  #segments: Written[] = [];
  #lines: IndexLine[] = [];
  #lastTime = 0;
  #size: [number, number] | undefined;
  /** The size in force before the lines that are not yet written. */
  #sizeOnDisk: [number, number] | undefined;
  #writing = false;
  #refusing = false;
  #timer: NodeJS.Timeout | undefined;
  #idle: (() => void)[] = [];
  #closed = false;

  constructor(dir: string, { limit, lossless = false, size }: JournalOptions, events: JournalEvents) {
    this.dir = dir;
    this.#limit = limit;
    this.#lossless = lossless;
    this.#size = size;
    this.#sizeOnDisk = size;
    this.#events = events;
    makeDir(dir);
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
    this.#size = [cols, rows];
    this.#lines.push({ o: this.head, t: Date.now(), size: [cols, rows], ...(veiled && { veiled }) });
    if (!this.#writing && !this.#refusing) this.#timer ??= setTimeout(() => this.#write(), GATHER_MS);
  }

  /** Up to `max` bytes at `offset`, from memory where they are there. What cannot be read is no gap: it can be later. */
  read(offset: number, max: number): Found {
    if (offset >= this.head) return { kind: 'end', head: this.head };
    if (offset < this.#recent.first) {
      let found: Found;
      try {
        found = readJournal(this.dir, offset, max);
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

  /** Writes what is left and closes. */
  async close(): Promise<void> {
    await this.flushed();
    this.#closed = true;
    clearTimeout(this.#timer);
    if (this.#fd !== undefined) fs.closeSync(this.#fd);
    this.#fd = undefined;
  }

  #write(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#writing || this.#closed) return;
    // Up to one segment's worth.
    const batch = this.pending > 0 ? this.#recent.parts(this.#written, RING_BYTES) : [];
    if (batch.length === 0 && this.#lines.length === 0) return this.#settle();
    try {
      this.#prepareSegment(batch);
    } catch {
      return this.#refused();
    }
    const fd = this.#fd as number;
    this.#writing = true;
    fs.writev(fd, batch.length > 0 ? batch : [new Uint8Array(0)], null, (error, count) => {
      this.#writing = false;
      if (count > 0) this.#advance(count);
      if (error !== null || count < total(batch)) return this.#refused();
      if (this.#refusing) {
        this.#refusing = false;
        this.#events.refusing(false);
      }
      if (this.pending > 0) this.#write();
      else this.#settle();
    });
  }

  /** Opens the next segment where the present one is full or does not end where the batch begins. */
  #prepareSegment(batch: Uint8Array[]): void {
    const last = this.#segment;
    const contiguous = last.start + last.size === this.#written;
    const full = last.size + total(batch) > SEGMENT_BYTES || (last.size > 0 && last.index > INDEX_BYTES);
    if (this.#fd === undefined || !contiguous || full) {
      const fd = fs.openSync(segmentFile(this.dir, this.#written), 'a', FILE_MODE);
      if (this.#fd !== undefined) fs.closeSync(this.#fd);
      this.#fd = fd;
      this.#segment = { start: this.#written, size: 0, index: 0 };
      this.#segments.push(this.#segment);
      const size = this.#sizeAt(this.#written);
      this.#lines.unshift({ o: this.#written, t: Date.now(), ...(size && { size }) });
      this.dropOldest();
    }
    const now = Date.now();
    if (now - this.#lastTime >= TIME_MS && batch.length > 0) {
      this.#lastTime = now;
      this.#lines.push({ o: this.#written, t: now });
    }
    if (this.#lines.length === 0) return;
    const text = this.#lines.map((line) => `${JSON.stringify(line)}\n`).join('');
    fs.appendFileSync(indexFile(this.dir, this.#segment.start), text, { mode: FILE_MODE });
    this.#segment.index += text.length;
    this.#lines = [];
    this.#sizeOnDisk = this.#size;
  }

  /** The program's size at an offset that is still to be written. */
  #sizeAt(offset: number): [number, number] | undefined {
    let size = this.#sizeOnDisk;
    for (const line of this.#lines) if (line.size !== undefined && line.o <= offset) size = line.size;
    return size;
  }

  /** Drops the oldest segments, as far as it is over its limit and they are consumed. */
  dropOldest(): void {
    const kept = () => this.#segments.reduce((sum, { size, index }) => sum + size + index, 0);
    while (this.#segments.length > 1 && kept() > this.#limit) {
      const oldest = this.#segments[0] as Written;
      if (oldest.start + oldest.size > this.#events.consumed()) return;
      try {
        fs.rmSync(segmentFile(this.dir, oldest.start), { force: true });
        fs.rmSync(indexFile(this.dir, oldest.start), { force: true });
      } catch {
        // It stays until a disk that takes no change does again.
        return;
      }
      this.#segments.shift();
    }
  }

  #advance(count: number): void {
    this.#segment.size += count;
    this.#written += count;
    this.#recent.drop(this.#written, TAIL_BYTES);
    this.#events.written(this.#written);
  }

  #refused(): void {
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

/** The offset after the last byte of a journal on disk. */
export function journalHead(dir: string): number {
  const last = listSegments(dir).at(-1);
  return last === undefined ? 0 : last.start + last.size;
}
