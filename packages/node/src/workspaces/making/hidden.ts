/** Files of which git was told to take no notice (`--skip-worktree`, `--assume-unchanged`): what they hold is work like any other. */
import fs from 'node:fs';
import { SkeinError } from '@skein/protocol/errors';
import { isCode } from '../../platform/files.ts';
import { type GitOptions, git } from '../git.ts';
import { withIndexCopy } from '../index-copy.ts';

/** Bytes of their names, with all others'. */
const MOST = 512 * 1024 * 1024;
const CLEARED = [
  ['--no-assume-unchanged', /^[a-z] /],
  ['--no-skip-worktree', /^[Ss] /],
] as const;

/** Looks at a tree as if git had been told nothing of the kind. One that is not there, as of a sparse checkout, stays unnoticed. */
export async function withNothingHidden<T>(
  dir: string,
  options: GitOptions,
  look: (own: GitOptions) => Promise<T>,
): Promise<T> {
  const hidden = await hiddenIn(dir, options);
  if (hidden.length === 0) return look(options);
  return withIndexCopy(dir, options, async (own) => {
    for (const [how, tag] of CLEARED) {
      const names = hidden.flatMap((one) => (tag.test(one) ? [`${one.slice(2)}\0`] : []));
      const input = Buffer.from(names.join(''), 'latin1');
      if (input.length > 0) await git(dir, ['update-index', how, '-z', '--stdin'], { ...own, input });
    }
    return look(own);
  });
}

/** As `git ls-files -v` tells them: a tag, a space and the path, each character a byte of it. */
async function hiddenIn(dir: string, options: GitOptions): Promise<string[]> {
  const told = await git(dir, ['ls-files', '-v', '-z'], { ...options, most: MOST });
  if (told.cut) throw new SkeinError('too_large', `${dir} has more files than can be looked through.`);
  const all = told.stdout.toString('latin1').split('\0').slice(0, -1);
  return all.filter((one) => /^[a-zS] /.test(one) && isThere(dir, one.slice(2)));
}

function isThere(dir: string, name: string): boolean {
  const file = Buffer.concat([Buffer.from(`${dir}/`), Buffer.from(name, 'latin1')]);
  try {
    return fs.lstatSync(file, { throwIfNoEntry: false }) !== undefined;
  } catch (error) {
    // A file is where a directory above it was.
    if (isCode(error, 'ENOTDIR')) return false;
    throw error;
  }
}
