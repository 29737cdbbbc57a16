/**
 * Where the paths that an agent names really are (rule A5): a policy is asked about each as it is written and as the disk has
 * it, so that neither `..` nor a symbolic link leads past it.
 */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { isCode } from '../../platform/files.ts';
import type { AskedPath } from './decide.ts';

/** Symbolic links that are followed; the system has a limit of its own. */
const MAX_LINKS = 40;
/** A scheme in front: no path of this machine, or one told in a way that we do not read. */
const SCHEME = /^[A-Za-z][A-Za-z0-9+.-]*:\/\//;

/** Null when one of them cannot be told: then nothing is known of any. */
export function located(paths: readonly string[], cwd: string): AskedPath[] | null {
  const out: AskedPath[] = [];
  for (const given of paths) {
    const found = places(given, cwd);
    if (found === undefined) return null;
    out.push(...found);
  }
  return out;
}

/** A directory as it is written, and as it really is. */
export function bothWays(dir: string): string[] {
  const real = realPath(dir);
  return real === undefined || real === path.resolve(dir) ? [path.resolve(dir)] : [path.resolve(dir), real];
}

function places(given: string, cwd: string): AskedPath[] | undefined {
  if (given === '' || given.includes('\0') || SCHEME.test(given)) return undefined;
  // Some programs take `~` for the user's directory, and some for a name.
  if (given.startsWith('~')) {
    if (given !== '~' && !given.startsWith('~/')) return undefined;
    const [home, literal] = [places(os.homedir() + given.slice(1), cwd), places(`./${given}`, cwd)];
    return home === undefined || literal === undefined ? undefined : [...home, ...literal];
  }
  const written = path.isAbsolute(given) ? given : `${cwd}/${given}`;
  const resolved = path.resolve(written);
  // The system follows a link before it goes up from there; many programs take `..` away first.
  const [real, realResolved] = [realPath(written), realPath(resolved)];
  if (real === undefined || realResolved === undefined) return undefined;
  return [...new Set([resolved, realResolved, real])].map((one) => ({
    path: one,
    tree: given.endsWith('/') || isDirectory(one),
  }));
}

function isDirectory(file: string): boolean {
  return fs.statSync(file, { throwIfNoEntry: false })?.isDirectory() === true;
}

/**
 * A path without links, as far as it exists; what does not is taken as it is written. `..` leads up from where a link has
 * led, as the system has it. Undefined where that cannot be told.
 */
export function realPath(given: string): string | undefined {
  let done = '/';
  let rest = given.split('/');
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
    const link = there ? linkAt(next) : null;
    if (link === undefined) return undefined;
    if (link === false && there) {
      const above = inTrueCase(done);
      if (above === undefined) return undefined;
      done = path.join(above, name);
      there = false;
      continue;
    }
    if (typeof link !== 'string') {
      done = next;
      continue;
    }
    links += 1;
    if (links > MAX_LINKS) return undefined;
    if (link.startsWith('/')) done = '/';
    rest = [...link.split('/'), ...rest];
  }
  return there ? inTrueCase(done) : done;
}

/** Where a link leads; null for what is none, false for what is not there, undefined when that cannot be told. */
function linkAt(file: string): string | null | false | undefined {
  try {
    return fs.lstatSync(file).isSymbolicLink() ? fs.readlinkSync(file) : null;
  } catch (error) {
    return isCode(error, 'ENOENT') ? false : undefined;
  }
}

/** On disks that take `.ENV` for `.env`. */
function inTrueCase(file: string): string | undefined {
  try {
    return fs.realpathSync.native(file);
  } catch {
    return undefined;
  }
}
