/** Files as Skein writes them: owner-only, and whole or not at all. */
import fs from 'node:fs';
import path from 'node:path';
import { SkeinError } from '@skein/protocol/errors';

const DIR_MODE = 0o700;
export const FILE_MODE = 0o600;

/**
 * Makes a directory, and those above it, readable by its owner alone. Level by level: in a directory that takes none, such as
 * /proc, Node's own way of making all of them tries without end. Throws `home_unsafe` there, and where something else is.
 */
export function makeDir(dir: string): void {
  if (isMade(dir)) return;
  const above = path.dirname(dir);
  makeDir(above);
  if (isMade(dir)) return;
  throw new SkeinError('home_unsafe', `${dir} cannot be made: ${above} takes no directories.`, { dir });
}

/** Makes it if it is not there; false where what it is to be in is not there. */
function isMade(dir: string): boolean {
  try {
    fs.mkdirSync(dir, { mode: DIR_MODE });
    return true;
  } catch (error) {
    if (isCode(error, 'ENOENT')) return false;
    if (!isCode(error, 'EEXIST')) throw error;
    if (fs.statSync(dir, { throwIfNoEntry: false })?.isDirectory() === true) return true;
    const message = `${dir} is no directory, and has to be one. Move what is there away.`;
    throw new SkeinError('home_unsafe', message, { dir });
  }
}

/**
 * Replaces a file's content so that a crash leaves the old or the new, never a part: written beside, fsynced, renamed,
 * and the directory fsynced.
 */
export function writeWhole(file: string, content: string | Uint8Array): void {
  const beside = `${file}.${process.pid}.new`;
  const fd = fs.openSync(beside, 'w', FILE_MODE);
  try {
    fs.writeFileSync(fd, content);
    fs.fsyncSync(fd);
  } finally {
    fs.closeSync(fd);
  }
  fs.renameSync(beside, file);
  sync(path.dirname(file));
}

/**
 * Replaces a file's content for whoever reads it from now on, whatever is killed meanwhile. The disk is not waited for: after a
 * power cut there may be the old, the new, or nothing sound.
 */
export function replaceNow(file: string, content: string): void {
  const beside = `${file}.${process.pid}.new`;
  fs.writeFileSync(beside, content, { mode: FILE_MODE });
  fs.renameSync(beside, file);
}

/** Makes a file, and its place in its directory, durable, off the loop. One that is gone needs it no more. */
export async function syncFile(file: string): Promise<void> {
  for (const each of [file, path.dirname(file)]) {
    try {
      const handle = await fs.promises.open(each, 'r');
      await handle.sync().finally(() => handle.close());
    } catch (error) {
      if (!isCode(error, 'ENOENT')) throw error;
    }
  }
}

/** Writes all of it. A disk that is nearly full takes a part, and refuses only the rest. */
export function writeAll(fd: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) at += fs.writeSync(fd, bytes, at);
}

/** Makes a file's content durable; of a directory, the renames and removals in it. */
export function sync(dir: string): void {
  const fd = fs.openSync(dir, 'r');
  try {
    fs.fsyncSync(fd);
  } finally {
    fs.closeSync(fd);
  }
}

/** A JSON file's value; undefined when it is absent or not JSON. */
export function readJson(file: string): unknown {
  try {
    return JSON.parse(fs.readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}

/** Whether an error is a system error of this code. */
export function isCode(error: unknown, ...codes: string[]): boolean {
  return error instanceof Error && codes.includes((error as NodeJS.ErrnoException).code ?? '');
}
