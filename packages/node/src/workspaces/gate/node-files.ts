/**
 * Files of a workspace as the node itself reads and writes them (rule W2): opened name by name from the root without following
 * a link, written beside and renamed within the opened directory, so that nobody sees a part, and nothing that is swapped
 * meanwhile leads the write elsewhere.
 */
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { SkeinError } from '@skein/protocol/errors';
import { Beneath, Swapped } from '../../platform/beneath.ts';
import { isCode } from '../../platform/files.ts';

const read = promisify(fs.read);
const write = promisify(fs.write);
const sync = promisify(fs.fsync);
const { O_RDONLY, O_WRONLY, O_CREAT, O_EXCL, O_NONBLOCK, O_NOCTTY } = fs.constants;

/** Bytes of one read. */
const CHUNK = 1024 * 1024;
/** Whose name says that it is a file half written, by whom nobody need ask. */
const BESIDE = /^\.skein-[0-9a-f]{16}\.new$/;

/** Whether a file is one that the node is about to rename to the file that it writes; left behind only if it was killed. */
export function isBeside(name: string): boolean {
  return BESIDE.test(name);
}

export interface Opened {
  fd: number;
  stat: fs.BigIntStats;
}

/**
 * A file, opened to be read; null where there is none, undefined where there is something else than a file. Throws `Swapped`
 * where a link is in the way. `within` is real, relative to the root.
 */
export function openToRead(root: string, within: string): Opened | null | undefined {
  if (within === '') return undefined;
  let dir: Beneath | undefined;
  try {
    dir = Beneath.open(root, names(path.dirname(within)));
    // What is no file could keep an opener waiting.
    const fd = dir.file(path.basename(within), O_RDONLY | O_NONBLOCK | O_NOCTTY);
    const stat = fs.fstatSync(fd, { bigint: true });
    if (stat.isFile()) return { fd, stat };
    fs.closeSync(fd);
    return undefined;
  } catch (error) {
    if (isCode(error, 'ENOENT')) return null;
    if (isCode(error, 'ENXIO')) return undefined;
    throw error;
  } finally {
    dir?.close();
  }
}

/** All bytes of an open file; undefined when there are more than `most`. */
export async function contents(fd: number, most: number): Promise<Buffer | undefined> {
  const parts: Buffer[] = [];
  let size = 0;
  for (;;) {
    const part = Buffer.allocUnsafe(Math.min(CHUNK, most + 1 - size));
    const { bytesRead } = await read(fd, part, 0, part.length, size);
    if (bytesRead === 0) return Buffer.concat(parts);
    size += bytesRead;
    if (size > most) return undefined;
    parts.push(part.subarray(0, bytesRead));
  }
}

/** Tells a file from what it was before and after any change; `none` where there is no file. */
export function stampOf(stat: fs.BigIntStats | undefined): string {
  return stat === undefined ? 'none' : `${stat.dev}:${stat.ino}:${stat.size}:${stat.mtimeNs}:${stat.ctimeNs}`;
}

/** What `replace` found: that it may not, that it is another file than it was to replace, or nothing, and it is done. */
export type Replaced<R> = { done: true } | { done: false; changed: true } | { done: false; refused: R };

/**
 * Puts a file in the place of another, or of none. `stamp` is of what was there when it was decided; `permit` is asked in the
 * very tick of the rename. Throws `Swapped`, and `not_allowed` for what is no file that may be written.
 */
export async function replace<R>(
  root: string,
  within: string,
  bytes: Uint8Array,
  stamp: string,
  permit: () => R | undefined,
): Promise<Replaced<R>> {
  const dir = Beneath.open(root, names(path.dirname(within)), true);
  const name = path.basename(within);
  const beside = `.skein-${randomBytes(8).toString('hex')}.new`;
  let fd: number | undefined;
  let left = false;
  try {
    const old = writable(dir, name, within);
    fd = dir.file(beside, O_WRONLY | O_CREAT | O_EXCL, old === undefined ? 0o666 : 0o600);
    left = true;
    if (old !== undefined) keepOwner(fd, old, within);
    for (let at = 0; at < bytes.length; ) at += (await write(fd, bytes, at, bytes.length - at)).bytesWritten;
    await sync(fd);
    // From here on in one tick: whatever is decided elsewhere is decided before this or after it.
    const refused = permit();
    if (refused !== undefined) return { done: false, refused };
    if (stampOf(statOf(dir, name)) !== stamp) return { done: false, changed: true };
    if (!dir.isThere()) throw new Swapped();
    fs.renameSync(dir.at(beside), dir.at(name));
    left = false;
  } finally {
    if (fd !== undefined) fs.closeSync(fd);
    if (left) fs.rmSync(dir.at(beside), { force: true });
    dir.close();
  }
  await syncAbove(root, within);
  return { done: true };
}

function names(within: string): string[] {
  return within === '.' || within === '' ? [] : within.split('/');
}

function statOf(dir: Beneath, name: string): fs.BigIntStats | undefined {
  return fs.lstatSync(dir.at(name), { bigint: true, throwIfNoEntry: false });
}

/** The file that is to be replaced. */
function writable(dir: Beneath, name: string, within: string): fs.BigIntStats | undefined {
  const old = statOf(dir, name);
  if (old === undefined) return undefined;
  if (old.isSymbolicLink()) throw new Swapped();
  if (!old.isFile()) throw new SkeinError('not_allowed', `${within} is no file.`);
  try {
    fs.accessSync(dir.at(name), fs.constants.W_OK);
  } catch {
    throw new SkeinError('not_allowed', `${within} may not be written: it is read-only.`);
  }
  return old;
}

function keepOwner(fd: number, old: fs.BigIntStats, within: string): void {
  const now = fs.fstatSync(fd, { bigint: true });
  if (now.uid !== old.uid || now.gid !== old.gid) {
    try {
      fs.fchownSync(fd, Number(old.uid), Number(old.gid));
    } catch {
      throw new SkeinError('not_allowed', `${within} belongs to somebody else, and would not any more.`);
    }
  }
  fs.fchmodSync(fd, Number(old.mode & 0o7777n));
}

/** Makes the rename durable; a disk that cannot has it all the same. */
async function syncAbove(root: string, within: string): Promise<void> {
  let dir: Beneath | undefined;
  let fd: number | undefined;
  try {
    dir = Beneath.open(root, names(path.dirname(within)));
    fd = fs.openSync(dir.at('.'), O_RDONLY);
    await sync(fd);
  } catch {
    // It was moved since, or its disk has no such thing.
  } finally {
    if (fd !== undefined) fs.closeSync(fd);
    dir?.close();
  }
}
