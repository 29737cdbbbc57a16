/** A copy of a tree's index, to work in without touching the tree's own. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { type GitOptions, gitText } from './git.ts';

/** Does it with options under which git works in a copy of the index of the tree at `dir`. */
export async function withIndexCopy<T>(
  dir: string,
  options: GitOptions,
  work: (own: GitOptions) => Promise<T>,
): Promise<T> {
  const asked = ['rev-parse', '--path-format=absolute', '--git-path', 'index'];
  const index = await gitText(dir, asked, options);
  const temporary = fs.mkdtempSync(path.join(os.tmpdir(), 'skein-index-'));
  try {
    const mine = path.join(temporary, 'index');
    copyIndex(index, mine);
    return await work(inIndex(mine, options));
  } finally {
    fs.rmSync(temporary, { recursive: true, force: true });
  }
}

/** Under which git works in that one, and tells nobody what a repository within another may come to. */
export function inIndex(index: string, options: GitOptions): GitOptions {
  return {
    ...options,
    env: { ...options.env, GIT_INDEX_FILE: index },
    settings: { ...options.settings, 'core.splitIndex': 'false', 'advice.addEmbeddedRepo': 'false' },
  };
}

/**
 * Nothing is copied where there is none. git takes a file for unchanged whose size and time are as the index has them, unless the index is
 * no younger than the file: a copy that were younger than what it is of would hide changes of the same moment and size.
 */
export function copyIndex(from: string, to: string): void {
  const stat = fs.statSync(from, { throwIfNoEntry: false });
  if (stat === undefined) return;
  fs.copyFileSync(from, to);
  const before = Math.floor(stat.mtimeMs / 1_000);
  fs.utimesSync(to, before, before);
}
