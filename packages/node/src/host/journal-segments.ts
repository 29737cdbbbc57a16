/** The files that a journal is written to (rule H2): one segment after the other with its index, the oldest dropped. */
import fs from 'node:fs';
import { FILE_MODE, makeDir } from '../platform/files.ts';
import { INDEX_BYTES, type IndexLine, indexFile, SEGMENT_BYTES, segmentFile } from './journal-files.ts';

/** Milliseconds between two times in the index. */
const TIME_MS = 100;

/** Bytes of output from `start` on, and of the index beside it. */
interface Written {
  start: number;
  size: number;
  index: number;
}

export class JournalSegments {
  readonly #dir: string;
  readonly #limit: number;
  #fd: number | undefined;
  #segment: Written = { start: 0, size: 0, index: 0 };
  #segments: Written[] = [];
  #lines: IndexLine[] = [];
  #lastTime = 0;
  #size: [number, number] | undefined;
  /** The size in force before the lines that are not yet written. */
  #sizeOnDisk: [number, number] | undefined;
  /** What a full disk took of an index may end in the middle of a line. */
  #torn = false;

  constructor(dir: string, limit: number, size: [number, number] | undefined) {
    this.#dir = dir;
    this.#limit = limit;
    this.#size = size;
    this.#sizeOnDisk = size;
    makeDir(dir);
  }

  /** Whether something is to be written to the index, though no output is. */
  get due(): boolean {
    return this.#lines.length > 0;
  }

  /** Where the segment begins that the byte at this offset is in, if it is on disk. */
  startOf(offset: number): number | undefined {
    let low = 0;
    let high = this.#segments.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.#segments[middle]?.start ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return this.#segments[low]?.start;
  }

  /** From this offset on the program has this size. */
  resize(at: number, size: [number, number], veiled: boolean): void {
    this.#size = size;
    this.#lines.push({ o: at, t: Date.now(), size, ...(veiled && { veiled }) });
  }

  /**
   * The descriptor that output from `at` on, so many bytes, is to be written to. Opens the next segment where the present one is full
   * or does not end there. Throws when the disk refuses.
   */
  prepare(at: number, bytes: number, consumed: (end: number) => boolean): number {
    const last = this.#segment;
    const contiguous = last.start + last.size === at;
    const full = last.size + bytes > SEGMENT_BYTES || (last.size > 0 && last.index > INDEX_BYTES);
    let fd = this.#fd;
    if (fd === undefined || !contiguous || full) {
      fd = fs.openSync(segmentFile(this.#dir, at), 'a', FILE_MODE);
      if (this.#fd !== undefined) fs.closeSync(this.#fd);
      this.#fd = fd;
      this.#segment = { start: at, size: 0, index: 0 };
      this.#segments.push(this.#segment);
      this.dropOldest(consumed);
    }
    this.#writeIndex(at, bytes);
    return fd;
  }

  #writeIndex(at: number, bytes: number): void {
    const { start, index } = this.#segment;
    const now = Date.now();
    const size = this.#sizeAt(start);
    const lines: IndexLine[] = index === 0 ? [{ o: start, t: now, ...(size && { size }) }] : [];
    lines.push(...this.#lines);
    const timed = now - this.#lastTime >= TIME_MS && bytes > 0;
    if (timed) lines.push({ o: at, t: now });
    if (lines.length === 0) return;
    const text = lines.map((line) => `${JSON.stringify(line)}\n`).join('');
    const file = indexFile(this.#dir, start);
    const whole = this.#torn ? `\n${text}` : text;
    this.#torn = true;
    fs.appendFileSync(file, whole, { mode: FILE_MODE });
    this.#torn = false;
    if (timed) this.#lastTime = now;
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

  wrote(count: number): void {
    this.#segment.size += count;
  }

  /** Removes a segment that the disk took nothing for: where bytes are lost meanwhile, the next try begins another. */
  forsake(): void {
    const { start, size } = this.#segment;
    if (this.#fd === undefined || size > 0) return;
    this.end();
    try {
      this.#remove(start);
      this.#segments.pop();
      this.#torn = false;
    } catch {
      // It stays, empty.
    }
  }

  /** Drops the oldest segments, as far as they are over the limit and `consumed` up to their end. */
  dropOldest(consumed: (end: number) => boolean): void {
    const kept = () => this.#segments.reduce((sum, { size, index }) => sum + size + index, 0);
    while (this.#segments.length > 1 && kept() > this.#limit) {
      const oldest = this.#segments[0] as Written;
      if (!consumed(oldest.start + oldest.size)) return;
      try {
        this.#remove(oldest.start);
      } catch {
        // It stays until a disk that takes no change does again.
        return;
      }
      this.#segments.shift();
    }
  }

  #remove(start: number): void {
    fs.rmSync(segmentFile(this.#dir, start), { force: true });
    fs.rmSync(indexFile(this.#dir, start), { force: true });
  }

  /** Says that there was output up to here, which is not kept. */
  mark(head: number): void {
    fs.closeSync(fs.openSync(segmentFile(this.#dir, head), 'a', FILE_MODE));
  }

  end(): void {
    if (this.#fd !== undefined) fs.closeSync(this.#fd);
    this.#fd = undefined;
  }
}
