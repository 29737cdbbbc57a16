/** What a run's claims let a sandbox write, when it starts: files and directories that are there then (rule W4). */
import fs from 'node:fs';
import path from 'node:path';
import { SkeinError } from '@skein/protocol/errors';
import {
  type Folds,
  foldName,
  foldPattern,
  matches,
  parsePattern,
} from '@skein/protocol/workspaces/patterns';
import { checkWritable } from './bubblewrap.ts';

/** Files and directories that one sandbox lets through: each is a mount, and a word of its command. */
const MAX_WRITABLE = 2_000;

/** Absolute paths, parents before what is in them. Throws `not_found`, `not_allowed`, `too_large`. */
export function writableOf(root: string, globs: readonly string[], folds: Folds): string[] {
  const found = new Set<string>();
  for (const glob of globs) {
    const { segments, below } = foldPattern(parsePattern(glob), folds);
    let level = [root];
    for (const [n, segment] of segments.entries()) {
      const last = n === segments.length - 1;
      const next: string[] = [];
      for (const dir of level) {
        // A name that is meant must be there; one that a wildcard stands for is what is there.
        if (typeof segment === 'string' && !folds.case && !folds.unicode) next.push(path.join(dir, segment));
        else
          for (const name of namesIn(dir))
            if (matches(segment, foldName(name, folds))) next.push(path.join(dir, name));
        if (next.length > MAX_WRITABLE) throw tooMany();
      }
      level = last || typeof segment === 'string' ? next : next.filter(isDirectory);
    }
    const literal = segments.every((one) => typeof one === 'string');
    for (const one of level) {
      if (!literal && !lets(root, one, below)) continue;
      // A directory without what is below it is no more than a name.
      if (checkWritable(root, one).isDirectory() && !below) continue;
      found.add(one);
    }
  }
  if (found.size > MAX_WRITABLE) throw tooMany();
  return [...found].sort();
}

/** Of what a wildcard stands for, that which cannot be let through is left as it is. */
function lets(root: string, file: string, below: boolean): boolean {
  try {
    return checkWritable(root, file).isDirectory() === below || below;
  } catch {
    return false;
  }
}

function namesIn(dir: string): string[] {
  try {
    return fs.readdirSync(dir);
  } catch {
    return [];
  }
}

function isDirectory(file: string): boolean {
  return fs.lstatSync(file, { throwIfNoEntry: false })?.isDirectory() === true;
}

function tooMany(): SkeinError {
  return new SkeinError(
    'too_large',
    `A sandbox lets ${MAX_WRITABLE} files and directories through at most. Claim directories: 'src/**'.`,
  );
}
