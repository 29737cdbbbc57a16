/** Where a path really leads, as the system would follow it: link by link, each counted, none that only the kernel can read. */
import { isUtf8 } from 'node:buffer';
import fs from 'node:fs';
import path from 'node:path';

/** Symbolic links that are followed; the system has a limit of its own. */
const MAX_LINKS = 40;
/** statfs's name for procfs. */
const PROCFS = 0x9fa0;
/** On macOS, names of files by their numbers: `/.vol/DEVICE/INODE`. */
const BY_NUMBER = '/.vol';

export interface Walk {
  /** Absolute, and without links as far as it exists. */
  path: string;
  /** How many links were followed. */
  links: number;
}

/** As `walk`. */
export function realPath(given: string): string | undefined {
  return walk(given)?.path;
}

/** A directory's path without links; null for what is no directory's absolute path. */
export function realDirectory(given: unknown): string | null {
  if (typeof given !== 'string' || !path.isAbsolute(given)) return null;
  try {
    const real = fs.realpathSync(given);
    return fs.statSync(real).isDirectory() ? real : null;
  } catch {
    return null;
  }
}

/**
 * A path without links, as far as it exists; what does not is taken as it is written. `..` leads up from where a link has
 * led, as the system has it. Undefined where that cannot be told: a loop, a directory that may not be read, a name that is no
 * text, or a link of procfs, which leads each process somewhere else, and not where it says. What is above `known`, a
 * directory that is what it is called, is not looked at unless the path leads up.
 */
export function walk(given: string, known = '/'): Walk | undefined {
  // What is no UTF-8 would reach the system as another name.
  if (given.includes('\0') || !given.isWellFormed()) return undefined;
  let done = given.startsWith(`${known}/`) && !given.includes('..') ? known : '/';
  let rest = given.slice(done.length).split('/');
  let links = 0;
  let there = true;
  while (rest.length > 0) {
    const [name = '', ...more] = rest;
    rest = more;
    if (name === '' || name === '.') continue;
    if (name === '..') {
      done = path.dirname(done);
      there = true;
      continue;
    }
    const next = path.join(done, name);
    const link = there ? linkAt(done, next) : null;
    if (link === undefined) return undefined;
    if (link === false) {
      const above = inTrueCase(done);
      if (above === undefined) return undefined;
      done = path.join(above, name);
      there = false;
      continue;
    }
    if (link === null) {
      done = next;
      continue;
    }
    links += 1;
    if (links > MAX_LINKS) return undefined;
    if (link.startsWith('/')) done = '/';
    rest = [...link.split('/'), ...rest];
  }
  const end = there ? inTrueCase(done) : done;
  return end === undefined ? undefined : { path: end, links };
}

/** Where a link leads; null for what is none, false for what is not there, undefined when that cannot be told. */
function linkAt(dir: string, file: string): string | null | false | undefined {
  if (file === BY_NUMBER && process.platform === 'darwin') return undefined;
  try {
    const stat = fs.lstatSync(file, { throwIfNoEntry: false });
    if (stat === undefined) return false;
    if (!stat.isSymbolicLink()) return null;
    if (process.platform === 'linux' && fs.statfsSync(dir).type === PROCFS) return undefined;
    const leads = fs.readlinkSync(file, 'buffer');
    return isUtf8(leads) ? leads.toString() : undefined;
  } catch {
    // No directory, not ours to search, or gone since.
    return undefined;
  }
}

/** On disks that take `.ENV` for `.env`, where the system tells which it is: Linux does not. */
function inTrueCase(file: string): string | undefined {
  if (process.platform === 'linux') return file;
  try {
    return fs.realpathSync.native(file);
  } catch {
    return undefined;
  }
}
