/** The work that is to land: what its tree is at, and what of it is in no commit yet (rule W5). */
import { SkeinError } from '@skein/protocol/errors';
import { HOOK_MS, MAX_HOOK_OUTPUT } from '@skein/protocol/workspaces/limits';
import { type GitOptions, git, gitList, gitText } from '../git.ts';
import { repositoryAt } from '../making/repository.ts';
import { besideSparse } from '../nested.ts';
import type { Uncommitted } from './put-back.ts';
import { LandingStop, named } from './stop.ts';
import { underWay } from './under-way.ts';

export interface Work {
  branch: string;
  tip: string;
}

/** Throws LandingStop for a tree in a state of which nothing can be landed. */
export async function lookAtWork(dir: string, options: GitOptions): Promise<Work> {
  const found = await repositoryAt(dir, options);
  if (found === undefined || found.top === null)
    throw new SkeinError('not_a_repository', `${dir} is no git tree, so nothing of it can land.`);
  if (found.branch === null)
    throw new LandingStop(
      `${dir} is on no branch (detached HEAD). Go back to one there, or make one: git switch -c NAME`,
    );
  if (found.head === null) throw new LandingStop(`There is no commit in ${dir} yet, so nothing can land.`);
  const doing = await underWay(dir, options);
  if (doing !== undefined)
    throw new LandingStop(
      `In ${dir} a ${doing.what} is under way. Finish it there, or give it up with git ${doing.what} --abort; then land again.`,
    );
  return { branch: found.branch, tip: found.head };
}

/** Who commits, as git knows the user. Throws LandingStop when it does not: nobody's name is made up. */
export async function checkIdentity(dir: string, options: GitOptions): Promise<void> {
  for (const who of ['GIT_AUTHOR_IDENT', 'GIT_COMMITTER_IDENT']) {
    const known = await git(dir, ['var', who], { ...options, ...NAMED_ONLY(options), answers: 'any' });
    if (known.code !== 0)
      throw new LandingStop(
        'git does not know who you are, so there is nobody to commit as. Tell it: git config --global user.name "…" and git config --global user.email …',
      );
  }
}

/** No name and address made of the machine's. */
export const NAMED_ONLY = ({ settings }: GitOptions): GitOptions => ({
  settings: { ...settings, 'user.useConfigOnly': 'true' },
});

/**
 * Commits what is in no commit yet, all that is not ignored, as the user, with the repository's own hooks: returns the new tip.
 * `uncommitted` is told how far it has come, and can put it back.
 */
export async function commitWork(
  dir: string,
  { tip }: Work,
  message: string,
  uncommitted: Uncommitted,
  options: GitOptions,
): Promise<string> {
  const args = [
    'status',
    '--porcelain=v2',
    '-z',
    '--untracked-files=all',
    '--no-renames',
    '--ignore-submodules=dirty',
  ];
  const entries = await gitList(dir, args, options);
  if (entries.length === 0) return tip;
  const unmerged = entries
    .filter((entry) => entry.startsWith('u '))
    .map((entry) => entry.split(' ').slice(10).join(' '));
  if (unmerged.length > 0)
    throw new LandingStop(`${dir} has conflicts that nobody has settled: ${named(unmerged)}.`, {
      paths: unmerged,
    });
  const nested = entries
    .filter((entry) => entry.startsWith('? ') && entry.endsWith('/'))
    .map((entry) => entry.slice(2));
  if (nested.length > 0)
    throw new LandingStop(
      `${named(nested)} in ${dir} ${nested.length === 1 ? 'is a repository of its own' : 'are repositories of their own'}, and would not come along. Move what is there elsewhere, ignore it, or make a submodule of it.`,
      { paths: nested },
    );
  await checkLarge(dir, entries, options);
  const all = ['add', '--all', ...(await besideSparse(dir, options)), '--', ':/'];
  // Where it fails it may have staged a part.
  await git(dir, all, options).finally(() => uncommitted.staged());
  const own = {
    ...options,
    settings: { ...options.settings, ...NAMED_ONLY(options).settings, 'core.hooksPath': null },
    env: { ...options.env, GIT_REFLOG_ACTION: uncommitted.reflog },
    timeout: HOOK_MS,
  };
  const end = await git(dir, ['commit', '--quiet', '--cleanup=whitespace', '--file=-'], {
    ...own,
    input: message,
    answers: 'any',
  });
  if (end.code !== 0) {
    const output = `${end.stdout.toString('utf8')}${end.stderr}`.slice(-MAX_HOOK_OUTPUT);
    const last = output.trim().split('\n').slice(-3).join('\n');
    const silent = `git commit ended with ${end.code} and said nothing, as when a hook of the repository refuses without a word`;
    const said = last === '' ? silent : last;
    throw new LandingStop(`What is not committed in ${dir} could not be committed: ${said}`, { output });
  }
  const head = await gitText(dir, ['rev-parse', 'HEAD'], options);
  await uncommitted.committed(head);
  return head;
}

/** Files that git-lfs keeps, committed where it is not, would come into the repository whole. */
async function checkLarge(dir: string, entries: readonly string[], options: GitOptions): Promise<void> {
  const paths = entries.map((entry) =>
    entry.startsWith('? ') ? entry.slice(2) : entry.split(' ').slice(8).join(' '),
  );
  const there = await git(dir, ['lfs', 'version'], { ...options, answers: 'any' });
  if (there.code === 0) return;
  const input = paths.map((one) => `${one}\0`).join('');
  const told = await gitList(dir, ['check-attr', '-z', '--stdin', 'filter'], { ...options, input });
  const large: string[] = [];
  for (let i = 0; i + 2 < told.length; i += 3) if (told[i + 2] === 'lfs') large.push(told[i] ?? '');
  if (large.length > 0)
    throw new LandingStop(
      `${named(large)} in ${dir} should be kept by git-lfs, which is not installed here: they cannot be committed as they should be.`,
      { paths: large },
    );
}
