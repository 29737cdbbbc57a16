/**
 * Where the paths that an agent names lie in its workspace (rule W1), however they are written: links followed as the system
 * does, and read both ways where programs differ. What cannot be told is told so; what lies outside is nobody's here.
 */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { patternOfPath } from '@skein/protocol/workspaces/patterns';
import { realPath, walk } from '../../platform/real-path.ts';

/** A place in a workspace that a write would reach. */
export interface Place {
  /** Relative to the root, without links, as bytes are on disk; empty for the root itself. */
  path: string;
  is: 'file' | 'directory' | 'link' | 'other' | 'nothing';
  /** Set where it is a file of several names: all of them are written at once. */
  names?: { device: bigint; inode: bigint; count: number };
}

/** A scheme in front: told in a way that we do not read. */
const SCHEME = /^[A-Za-z][A-Za-z0-9+.-]*:\/\//;

/**
 * All that a program may mean by a path, absolute and real; undefined where that cannot be told. `root` is the workspace's, absolute;
 * `given` is absolute, or relative to `cwd`.
 */
export function endsOf(root: string, cwd: string, given: string): string[] | undefined {
  if (given === '' || given.includes('\0') || SCHEME.test(given)) return undefined;
  const found = new Set<string>();
  for (const written of readings(cwd, given)) {
    const end = walk(written, root);
    if (end === undefined) return undefined;
    found.add(end.path);
    if (end.links > 0) for (const link of linkItself(written)) found.add(link);
  }
  return [...found];
}

/** Where in the workspace these are; those outside are left out. Undefined for what is no measured path. */
export function placesOf(root: string, ends: readonly string[]): Place[] | undefined {
  const found = new Map<string, Place>();
  for (const end of ends) {
    const within = relativeTo(root, end);
    if (within === undefined || found.has(within)) continue;
    if (!isMeasured(within)) return undefined;
    found.set(within, placeOf(root, within));
  }
  return [...found.values()];
}

/** Both: all places in the workspace that a program may mean by a path; none when it leads out of it. */
export function realise(root: string, cwd: string, given: string): Place[] | undefined {
  const ends = endsOf(root, cwd, given);
  return ends && placesOf(root, ends);
}

/**
 * The one place that the system means by a path, for what the node opens itself: its last link followed. Absolute; undefined
 * where that cannot be told.
 */
export function meant(cwd: string, given: string): string | undefined {
  return given === '' ? undefined : realPath(path.isAbsolute(given) ? given : `${cwd}/${given}`);
}

/** Some programs take `..` away before they ask the system, and `~` for the user's directory; others do not. */
function readings(cwd: string, given: string): Iterable<string> {
  const written = path.isAbsolute(given) ? given : `${cwd}/${given}`;
  const all = new Set([written]);
  if (given.includes('..')) all.add(path.resolve(written));
  if (given === '~' || given.startsWith('~/')) all.add(os.homedir() + given.slice(1));
  return all;
}

/** The link that a path ends in, which is what is renamed or removed. */
function linkItself(written: string): string[] {
  const bare = path.resolve(written);
  const above = realPath(path.dirname(bare));
  if (above === undefined) return [];
  const itself = path.join(above, path.basename(bare));
  return lstat(itself)?.isSymbolicLink() === true ? [itself] : [];
}

/** A real path relative to the root; the root stands for whatever holds it. Undefined outside. */
export function relativeTo(root: string, real: string): string | undefined {
  if (real === root || root.startsWith(real === '/' ? '/' : `${real}/`)) return '';
  if (real.startsWith(`${root}/`)) return real.slice(root.length + 1);
  return byIdentity(root, real);
}

/** The root may be there under another name as well: on a disk that folds case, through a mount, or since it was moved. */
function byIdentity(root: string, real: string): string | undefined {
  const wanted = lstat(realPath(root) ?? root);
  if (wanted === undefined) return undefined;
  for (let at = real; ; at = path.dirname(at)) {
    const here = lstat(at);
    if (here?.dev === wanted.dev && here.ino === wanted.ino) return path.relative(at, real);
    if (at === '/') return undefined;
  }
}

/** Whether it can be told as a pattern, whatever is in its names. */
function isMeasured(within: string): boolean {
  try {
    patternOfPath(within, true);
    return true;
  } catch {
    return false;
  }
}

export function placeOf(root: string, within: string): Place {
  const stat = lstat(path.join(root, within));
  if (stat === undefined) return { path: within, is: 'nothing' };
  if (stat.isDirectory()) return { path: within, is: 'directory' };
  if (stat.isSymbolicLink()) return { path: within, is: 'link' };
  if (!stat.isFile()) return { path: within, is: 'other' };
  if (stat.nlink === 1n) return { path: within, is: 'file' };
  const names = { device: stat.dev, inode: stat.ino, count: Number(stat.nlink) };
  return { path: within, is: 'file', names };
}

function lstat(file: string): fs.BigIntStats | undefined {
  try {
    return fs.lstatSync(file, { bigint: true, throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}
