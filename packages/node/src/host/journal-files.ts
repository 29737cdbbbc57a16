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

interface Segment {
  start: number;
  size: number;
  file: string;
}

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

/** The segments that are there, in order. A directory that is not there has none. Throws when it cannot be read. */
export function listSegments(dir: string): Segment[] {
  const names = ifThere(() => fs.readdirSync(dir)) ?? [];
  const segments: Segment[] = [];
  for (const name of names.sort()) {
    const match = /^(\d{16})\.raw$/.exec(name);
    if (match === null) continue;
    const file = path.join(dir, name);
    const size = ifThere(() => fs.statSync(file).size);
    if (size !== undefined) segments.push({ start: Number(match[1]), size, file });
  }
  return segments;
}

/** The offset after the last byte of a journal on disk. */
export function journalHead(dir: string): number {
  const last = listSegments(dir).at(-1);
  return last === undefined ? 0 : last.start + last.size;
}

/** What a reader finds at an offset: bytes, a gap to step over, the end; or nothing yet, for it cannot be read just now. */
export type Found =
  | { kind: 'bytes'; offset: number; bytes: Uint8Array }
  | { kind: 'gap'; from: number; to: number }
  | { kind: 'end'; head: number }
  | { kind: 'later' };

/** Reads up to `max` bytes at `offset`. Synchronous: these are pages that were written a moment ago. Throws when it cannot. */
export function readJournal(dir: string, offset: number, max: number): Exclude<Found, { kind: 'later' }> {
  const segments = listSegments(dir);
  for (const segment of segments) {
    const end = segment.start + segment.size;
    if (offset >= end) continue;
    if (offset < segment.start) return { kind: 'gap', from: offset, to: segment.start };
    return readSegment(segment, offset, max) ?? readJournal(dir, offset, max);
  }
  const last = segments.at(-1);
  return { kind: 'end', head: last === undefined ? 0 : last.start + last.size };
}

function readSegment(
  segment: Segment,
  offset: number,
  max: number,
): Extract<Found, { kind: 'bytes' }> | undefined {
  const fd = ifThere(() => fs.openSync(segment.file, 'r'));
  if (fd === undefined) return undefined;
  try {
    const bytes = new Uint8Array(Math.min(max, segment.start + segment.size - offset));
    const read = fs.readSync(fd, bytes, 0, bytes.length, offset - segment.start);
    return { kind: 'bytes', offset, bytes: bytes.subarray(0, read) };
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
  for (const segment of listSegments(dir).filter((s) => s.start + s.size >= from)) {
    const text = ifThere(() => fs.readFileSync(indexFile(dir, segment.start), 'utf8')) ?? '';
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
