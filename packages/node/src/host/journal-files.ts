/**
 * A run's journal on disk (rule H2): segments `<16-digit start offset>.raw` of at most 4 MiB, a program's output back to
 * back, and beside each an index `<offset>.idx` of JSON lines: `{o, t}` when a byte was written, `{o, size}` the
 * program's size from there on. Missing bytes between two segments are a gap.
 */
import fs from 'node:fs';
import path from 'node:path';
import { MAX_SIZE } from '@skein/protocol/limits';
import { bool, int, list, obj, opt } from '@skein/protocol/shape';
import { isCode } from '../platform/files.ts';

export const SEGMENT_BYTES = 4 * 1024 * 1024;
/** Of its index: a program that prints little at a time is given more of that than it prints. */
export const INDEX_BYTES = 1024 * 1024;

export interface IndexLine {
  /** Byte offset. */
  o: number;
  /** Milliseconds since 1970. */
  t: number;
  size?: [cols: number, rows: number];
  /** This size brought nothing back onto the screen. */
  veiled?: boolean;
}

const indexLine = obj({ o: int(0), t: int(0), size: opt(list(int(1, MAX_SIZE), 2)), veiled: opt(bool) });

export function segmentFile(dir: string, start: number): string {
  return path.join(dir, `${String(start).padStart(16, '0')}.raw`);
}

export function indexFile(dir: string, start: number): string {
  return path.join(dir, `${String(start).padStart(16, '0')}.idx`);
}

/**
 * What is done with a file of a journal, or undefined where there is none, as when it was dropped since the look at the
 * directory. Throws whatever else keeps it from being read, such as the lack of a descriptor: it is there, for another time.
 */
function ifThere<T>(act: () => T): T | undefined {
  try {
    return act();
  } catch (error) {
    if (isCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

/**
 * Where the segments that are there begin, in order. A directory that is not there has none. Throws when it cannot be read. Of a
 * journal of many GiB that alone takes a while: none of them is looked into.
 */
export function segmentStarts(dir: string): number[] {
  const names = ifThere(() => fs.readdirSync(dir)) ?? [];
  return names
    .map((name) => /^(\d{16})\.raw$/.exec(name)?.[1])
    .filter((digits) => digits !== undefined)
    .map(Number)
    .sort((a, b) => a - b);
}

/** The offset after the last byte of a journal on disk. */
export function journalHead(dir: string): number {
  return endOf(dir, segmentStarts(dir).at(-1));
}

function endOf(dir: string, start: number | undefined): number {
  if (start === undefined) return 0;
  return start + (ifThere(() => fs.statSync(segmentFile(dir, start)).size) ?? 0);
}

/** What a reader finds at an offset: bytes, a gap to step over, the end; or nothing yet, for it cannot be read just now. */
export type Found =
  | { kind: 'bytes'; offset: number; bytes: Uint8Array }
  | { kind: 'gap'; from: number; to: number }
  | { kind: 'end'; head: number }
  | { kind: 'later' };

/** With the beginning of the segment that the bytes are of. */
type Read = { kind: 'bytes'; offset: number; bytes: Uint8Array; segment: number };
type FoundOnDisk = Read | Exclude<Found, { kind: 'bytes' | 'later' }>;

/**
 * Reads up to `max` bytes at `offset`. Synchronous: these are pages that were written a moment ago. Throws when it cannot. `likely`:
 * the segment to look in first; else in the one that begins here, and only then among all that there are.
 */
export function readJournal(dir: string, offset: number, max: number, likely = offset): FoundOnDisk {
  for (const start of new Set([likely, offset])) {
    const found = readSegment(dir, start, offset, max);
    if (found !== undefined && found !== 'none') return found;
  }
  const starts = segmentStarts(dir);
  const next = starts.findIndex((start) => start > offset);
  const start = starts.at(next === -1 ? -1 : next - 1);
  if (start !== undefined && start <= offset) {
    const found = readSegment(dir, start, offset, max);
    // It was dropped since.
    if (found === undefined) return readJournal(dir, offset, max, likely);
    if (found !== 'none') return found;
  }
  const to = starts[next];
  if (to !== undefined) return { kind: 'gap', from: offset, to };
  return { kind: 'end', head: endOf(dir, starts.at(-1)) };
}

/** `none`: it has no byte at this offset. Undefined: there is no such segment. */
function readSegment(dir: string, start: number, offset: number, max: number): Read | 'none' | undefined {
  if (start > offset) return 'none';
  const fd = ifThere(() => fs.openSync(segmentFile(dir, start), 'r'));
  if (fd === undefined) return undefined;
  try {
    const bytes = new Uint8Array(Math.max(0, Math.min(max, start + fs.fstatSync(fd).size - offset)));
    const read = fs.readSync(fd, bytes, 0, bytes.length, offset - start);
    if (read === 0) return 'none';
    return { kind: 'bytes', offset, bytes: bytes.subarray(0, read), segment: start };
  } finally {
    fs.closeSync(fd);
  }
}

export interface Resize {
  at: number;
  cols: number;
  rows: number;
  veiled: boolean | undefined;
}

/**
 * The program's sizes from `from` on that the index tells. Lines that a crash cut short are passed over, and those of times
 * alone, which are many, are not looked into.
 */
export function readResizes(dir: string, from: number): Resize[] {
  const resizes: Resize[] = [];
  const starts = segmentStarts(dir);
  for (const start of starts.slice(
    Math.max(
      0,
      starts.findLastIndex((one) => one < from),
    ),
  )) {
    const text = ifThere(() => fs.readFileSync(indexFile(dir, start), 'utf8')) ?? '';
    for (const line of text.split('\n')) {
      if (!line.includes('"size"')) continue;
      try {
        const { o, size, veiled } = indexLine(JSON.parse(line), '') as IndexLine;
        if (size !== undefined && o >= from) resizes.push({ at: o, cols: size[0], rows: size[1], veiled });
      } catch {
        // The last line of a host that was killed, or bytes of a broken disk.
      }
    }
  }
  return resizes;
}
