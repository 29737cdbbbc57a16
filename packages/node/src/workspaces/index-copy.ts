/** A copy of a tree's index, to work in without touching the tree's own. */
import fs from 'node:fs';

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
