/**
 * Repositories that lie in a tree and are no submodules of it. git takes nothing of one but the name of its commit, which nobody else
 * has, and stops at one that has none: so they are left out, and named.
 */
import { type GitOptions, git, gitList, gitText } from './git.ts';

/** The first git that wants to be told to, 2.34. */
const SPARSE_SINCE = 2_034;

/** `git add --all` of what is below `where` in `dir`; returns the paths that were left out, relative to `dir`. */
export async function addAll(
  dir: string,
  { where, how }: { where: '.' | ':/'; how: readonly string[] },
  options: GitOptions,
): Promise<string[]> {
  const unknown = await gitList(
    dir,
    ['ls-files', '--others', '--exclude-standard', '-z', '--', where],
    options,
  );
  const nested = unknown.filter((one) => one.endsWith('/')).map((one) => one.slice(0, -1));
  const input = [where, ...nested.map((one) => `:(exclude,literal)${one}`)].map((one) => `${one}\0`).join('');
  const all = ['add', '--all', ...(await besideSparse(dir, options)), ...how];
  await git(dir, [...all, '--pathspec-from-file=-', '--pathspec-file-nul'], {
    ...options,
    input,
  });
  return nested;
}

/** By what `git add` takes also what was written beside the part of a tree that is checked out, where that is a part: it refuses it else. */
export async function besideSparse(dir: string, options: GitOptions): Promise<readonly string[]> {
  const asked = ['config', '--type=bool', '--get', 'core.sparseCheckout'];
  const is = await gitText(dir, asked, { ...options, answers: [0, 1] });
  if (is !== 'true') return [];
  const [, major, minor] = /(\d+)\.(\d+)/.exec(await gitText(dir, ['version'], options)) ?? [];
  // An older one knows no such option, and takes it by itself.
  return Number(major) * 1_000 + Number(minor) >= SPARSE_SINCE ? ['--sparse'] : [];
}
