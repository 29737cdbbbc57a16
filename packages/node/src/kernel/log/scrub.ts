/**
 * Takes away what SQLite leaves in the file (L8). `secure_delete` zeroes deleted cells and freed pages; but a b-tree
 * page that was split keeps, between its cell pointers and its cells, old bytes of rows that moved away. A VACUUM would
 * write the whole file anew while every command waits; this zeroes those gaps in place, some pages at a time.
 *
 * It is safe beside SQLite because nothing ever reads a gap. The WAL must be empty before a slice, or an older copy of
 * a page would come back from it; and the pages in memory must go, or they would be written again with their gaps.
 */
import { fstatSync, fsyncSync, readSync, writeSync } from 'node:fs';
import { type Db, PAGE_SIZE } from './schema.ts';

/** Pages looked at in a slice: 8 MiB, some 5 ms. */
const PAGES = 2048;

/** The header of page 1 begins behind that of the file. */
const FILE_HEADER = 100;

/** B-tree pages by their first byte: interior and leaf, of indexes and tables; and the bytes of their headers. */
const HEADERS: Record<number, number> = { 2: 12, 5: 12, 10: 8, 13: 8 };

/** From here on, the first byte of an overflow page's link could be mistaken for a b-tree page's. */
export const MAX_PAGES = 2 ** 25;

const ZEROES = Buffer.alloc(PAGE_SIZE);

/** Zeroes the gaps of pages from `from` on; returns where to go on, `from` again if a reader was in the way, or null at the end. */
export function scrubSlice(db: Db, fd: number, from: number): number | null {
  const [state] = db.pragma('wal_checkpoint(TRUNCATE)') as { busy: number }[];
  if (state?.busy !== 0) return from;
  db.pragma('shrink_memory');
  const pages = Math.floor(fstatSync(fd).size / PAGE_SIZE);
  const count = Math.min(PAGES, pages - from);
  if (count <= 0) {
    fsyncSync(fd);
    return null;
  }
  const bytes = Buffer.allocUnsafe(count * PAGE_SIZE);
  const read = readSync(fd, bytes, 0, bytes.length, from * PAGE_SIZE);
  for (let n = 0; (n + 1) * PAGE_SIZE <= read; n += 1) {
    const page = bytes.subarray(n * PAGE_SIZE, (n + 1) * PAGE_SIZE);
    const gap = gapOf(page, from + n === 0 ? FILE_HEADER : 0);
    if (!gap) continue;
    const [start, end] = gap;
    if (page.compare(ZEROES, 0, end - start, start, end) === 0) continue;
    writeSync(fd, ZEROES, 0, end - start, (from + n) * PAGE_SIZE + start);
  }
  return from + count;
}

/** Where a page's gap lies; undefined if it has none, or is no b-tree page. */
function gapOf(page: Buffer, at: number): [number, number] | undefined {
  const header = HEADERS[page[at] ?? 0];
  if (header === undefined) return undefined;
  const start = at + header + 2 * page.readUInt16BE(at + 3);
  const end = page.readUInt16BE(at + 5);
  return start < end && end <= PAGE_SIZE ? [start, end] : undefined;
}
