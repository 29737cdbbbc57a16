/** Reads a run's output from its journal's segment files, wherever an offset is (H5). Another process writes them. */

import { closeSync, openSync, readdirSync, readSync } from 'node:fs';
import path from 'node:path';
import { isCode } from '../../platform/files.ts';

const SEGMENT = /^(\d{16})\.raw$/;

/** Bytes that one read gives at most. */
export const READ_MAX = 1024 * 1024;

/** One for all readers of the thread: what is read is used up before the next read. */
const buffer = Buffer.allocUnsafeSlow(READ_MAX);

/** What is at an offset: bytes, or the offset at which the next bytes are, or nothing up to the end. */
export type Found = { data: Uint8Array } | { gapTo: number } | undefined;

export class JournalReader {
  readonly #dir: string;
  #fd: number | undefined;
  #start = 0;

  constructor(dir: string) {
    this.#dir = dir;
  }

  /**
   * Up to `length` bytes from `offset`, all of one segment; good until the next read of any reader. Throws when they are there and
   * cannot be read.
   */
  read(offset: number, length: number): Found {
    const data = this.#readOpen(offset, length);
    if (data !== undefined) return { data };
    const starts = this.#segments();
    const start = starts.filter((candidate) => candidate <= offset).at(-1);
    if (start !== undefined && this.#open(start)) {
      const found = this.#readOpen(offset, length);
      if (found !== undefined) return { data: found };
    }
    const next = starts.find((candidate) => candidate > offset);
    return next === undefined ? undefined : { gapTo: next };
  }

  close(): void {
    if (this.#fd !== undefined) closeSync(this.#fd);
    this.#fd = undefined;
  }

  #readOpen(offset: number, length: number): Uint8Array | undefined {
    if (this.#fd === undefined || offset < this.#start) return undefined;
    const wanted = Math.min(length, READ_MAX);
    const read = readSync(this.#fd, buffer, 0, wanted, offset - this.#start);
    return read === 0 ? undefined : buffer.subarray(0, read);
  }

  #segments(): number[] {
    let names: string[];
    try {
      names = readdirSync(this.#dir);
    } catch (error) {
      if (isCode(error, 'ENOENT')) return []; // not made yet, or removed with its run
      throw error;
    }
    return names
      .map((name) => SEGMENT.exec(name)?.[1])
      .filter((digits) => digits !== undefined)
      .map(Number)
      .sort((a, b) => a - b);
  }

  #open(start: number): boolean {
    this.close();
    try {
      this.#fd = openSync(path.join(this.#dir, `${String(start).padStart(16, '0')}.raw`), 'r');
    } catch (error) {
      if (isCode(error, 'ENOENT')) return false; // dropped between listing and opening
      throw error;
    }
    this.#start = start;
    return true;
  }
}
