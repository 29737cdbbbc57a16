/** What differs between two commits, path by path. */
import { SkeinError } from '@skein/protocol/errors';
import { type GitOptions, gitList } from '../git.ts';

export interface Entry {
  path: string;
  /** git's mode and hash; null where there is no such path. */
  from: { mode: string; hash: string } | null;
  to: { mode: string; hash: string } | null;
}

/** A submodule's place: git keeps a commit there, and no files. */
export const SUBMODULE = '160000';

/** Throws `bad_request` for names that are no UTF-8: they could not be told, or claimed. */
export async function changedBetween(
  dir: string,
  from: string,
  to: string,
  options: GitOptions,
): Promise<Entry[]> {
  const args = ['diff-tree', '-r', '-z', '--no-renames', '--no-abbrev', '--no-ext-diff', from, to, '--'];
  const told = await gitList(dir, args, options);
  const entries: Entry[] = [];
  for (let i = 0; i + 1 < told.length; i += 2) {
    // `:100644 100644 HASH HASH M`, then the path.
    const [a = '', b = '', before = '', after = ''] = (told[i] ?? '').slice(1).split(' ');
    const path = told[i + 1] ?? '';
    if (path.includes('\u{fffd}'))
      throw new SkeinError('bad_request', `The name ${path} is no UTF-8: Skein cannot land it.`);
    entries.push({ path, from: side(a, before), to: side(b, after) });
  }
  return entries;
}

function side(mode: string, hash: string): { mode: string; hash: string } | null {
  return mode === '000000' ? null : { mode, hash };
}

/** Whether it is one on both sides, or comes or goes as one. */
export function isSubmodule({ from, to }: Entry): boolean {
  return [from, to].every((side) => side === null || side.mode === SUBMODULE);
}
