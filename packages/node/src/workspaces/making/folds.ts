/** Whether a directory's disk takes names that differ in case, or in their Unicode form, for the same. */
import fs from 'node:fs';
import path from 'node:path';

/** Found by looking alone: nothing is written into a directory of the user's. */
export function foldsOf(root: string): { case: boolean; unicode: boolean } {
  const folded = foldsCase(root);
  // Where Linux folds case it compares normal forms; the disks of a Mac always do.
  return { case: folded, unicode: folded || process.platform === 'darwin' };
}

function foldsCase(root: string): boolean {
  for (const name of fs.readdirSync(root)) {
    const other = swapped(name);
    if (other !== name) return same(path.join(root, name), path.join(root, other));
  }
  const name = path.basename(root);
  return swapped(name) !== name && same(root, path.join(path.dirname(root), swapped(name)));
}

function swapped(name: string): string {
  return Array.from(name, (c) => (c === c.toLowerCase() ? c.toUpperCase() : c.toLowerCase())).join('');
}

function same(one: string, other: string): boolean {
  const [a, b] = [
    fs.lstatSync(one, { throwIfNoEntry: false }),
    fs.lstatSync(other, { throwIfNoEntry: false }),
  ];
  return a !== undefined && b !== undefined && a.dev === b.dev && a.ino === b.ino;
}
