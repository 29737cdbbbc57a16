/** What a directory is to git: a repository's tree or not, on which branch, at which commit. */
import fs from 'node:fs';
import path from 'node:path';
import { SkeinError } from '@skein/protocol/errors';
import { type GitOptions, git, gitText } from '../git.ts';

export interface Repository {
  /** Where its files begin; null where it is bare. */
  top: string | null;
  /** Its own directory: `.git`, or of a worktree the part that is that worktree's. */
  gitDir: string;
  /** What all its worktrees have in common. */
  commonDir: string;
  /** Null on none, as on a commit by itself. */
  branch: string | null;
  /** Null while there is none. */
  head: string | null;
}

/** Undefined where there is none, no such directory, or no git. Throws `not_allowed` for one that git does not trust. */
export async function repositoryAt(dir: string, options: GitOptions = {}): Promise<Repository | undefined> {
  const asked = [
    'rev-parse',
    '--path-format=absolute',
    '--git-dir',
    '--git-common-dir',
    '--is-bare-repository',
  ];
  const found = await git(dir, asked, options).catch((error) => {
    const { code } = SkeinError.from(error);
    if (code === 'git_failed' || code === 'git_missing' || code === 'bad_cwd') return undefined;
    throw error;
  });
  if (found === undefined) return undefined;
  const [gitDir = '', commonDir = '', bare] = found.stdout.toString('utf8').split('\n');
  const inside = { ...options, answers: 'any' } as const;
  const [branch, head, top] = await Promise.all([
    gitText(dir, ['symbolic-ref', '--quiet', 'HEAD'], inside),
    gitText(dir, ['rev-parse', '--quiet', '--verify', 'HEAD^{commit}'], inside),
    bare === 'true' ? '' : gitText(dir, ['rev-parse', '--show-toplevel'], inside),
  ]);
  return {
    top: top === '' ? null : top,
    gitDir: real(gitDir),
    commonDir: real(commonDir),
    branch: branch.startsWith('refs/heads/') ? branch.slice('refs/heads/'.length) : null,
    head: head === '' ? null : head,
  };
}

function real(dir: string): string {
  try {
    return fs.realpathSync(dir);
  } catch {
    return path.resolve(dir);
  }
}
