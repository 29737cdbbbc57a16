/** What is known of a file's contents, so that a touch which changes nothing is told from a write (rule W4). */
import { hash } from 'node:crypto';
import fs from 'node:fs';

/** Bytes up to which a file is read; of a larger one its size and times have to do. */
const MAX_READ = 16 * 1024 * 1024;

export interface Known {
  /** Its size, times and inode: while these are the same it has not been written. */
  looks: string;
  /** Of its contents, or of where a link leads; undefined when it was not read. */
  hash: string | undefined;
}

export type Kind = 'file' | 'directory' | 'other';

export interface Entry {
  kind: Kind;
  looks: string;
  /** Device and inode. */
  inode: string;
  size: number;
  link: boolean;
}

/** What there is, no link followed; undefined when there is nothing, or nothing that may be looked at. */
export function entryAt(path: string): Entry | undefined {
  let stat: fs.Stats | undefined;
  try {
    stat = fs.lstatSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
  if (stat === undefined) return undefined;
  const link = stat.isSymbolicLink();
  const kind: Kind = stat.isDirectory() ? 'directory' : stat.isFile() || link ? 'file' : 'other';
  const inode = `${stat.dev}:${stat.ino}`;
  const looks = `${inode}:${stat.size}:${stat.mtimeMs}:${stat.ctimeMs}`;
  return { kind, looks, inode, size: stat.size, link };
}

/** The hash of what is in it; undefined when it is too large, or cannot be read. */
export function hashOf(path: string, { link, size }: Entry): string | undefined {
  if (!link && size > MAX_READ) return undefined;
  try {
    if (link) return `link:${fs.readlinkSync(path)}`;
    return hash('sha256', readWhole(path), 'base64url').slice(0, 22);
  } catch {
    return undefined;
  }
}

/** Whether the contents may differ, as far as can be told. */
export function differs(before: Known, after: Known): boolean {
  if (before.hash !== undefined && after.hash !== undefined) return before.hash !== after.hash;
  return before.looks !== after.looks;
}

/** Nothing that has come into a file's place meanwhile, as a pipe, may hold the reader up. */
function readWhole(path: string): Buffer {
  const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = fs.constants;
  const fd = fs.openSync(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  try {
    if (!fs.fstatSync(fd).isFile()) throw new Error('not a file');
    return fs.readFileSync(fd);
  } finally {
    fs.closeSync(fd);
  }
}
