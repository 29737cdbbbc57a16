/** What a directory is to git: a repository's tree or not, on which branch, at which commit. */
import fs from 'node:fs';
import path from 'node:path';
import { SkeinError } from '@skein/protocol/errors';
import { isCode } from '../../platform/files.ts';
import { type GitOptions, gitText } from '../git.ts';

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

/**
 * Undefined where there is none, or no such directory. Throws when git cannot tell, and for a `.git` that it does not take for a
 * repository's; `not_allowed` for one that it does not trust.
 */
export async function repositoryAt(dir: string, options: GitOptions = {}): Promise<Repository | undefined> {
  const asked = ['rev-parse', '--path-format=absolute', '--is-inside-work-tree', '--git-dir'];
  const found = await gitText(dir, asked, options).catch((error) => {
    const { code, message } = SkeinError.from(error);
    if (code === 'bad_cwd') return undefined;
    if (code === 'git_failed' && /not a git repository/.test(message) && !looksLikeOne(dir)) return undefined;
    throw error;
  });
  if (found === undefined) return undefined;
  // Whatever is in a path, a line end too.
  const [, inside, gitDir = ''] = /^(true|false)\n(.*)$/s.exec(found) ?? [];
  const maybe = { ...options, answers: [0, 1] };
  const [branch, head, top] = await Promise.all([
    gitText(dir, ['symbolic-ref', '--quiet', 'HEAD'], maybe),
    gitText(dir, ['rev-parse', '--quiet', '--verify', 'HEAD^{commit}'], maybe),
    inside === 'true' ? gitText(dir, ['rev-parse', '--show-toplevel'], options) : '',
  ]);
  return {
    top: top === '' ? null : top,
    gitDir: real(gitDir),
    commonDir: real(commonOf(gitDir)),
    branch: branch.startsWith('refs/heads/') ? branch.slice('refs/heads/'.length) : null,
    head: head === '' ? null : head,
  };
}

/** The repository that is a directory's own, and would go with it, or is a part of one elsewhere. Throws as `repositoryAt` does. */
export async function ownRepository(dir: string, options: GitOptions): Promise<Repository | undefined> {
  // Without git as well: what is plainly none needs nobody to tell.
  if (!looksLikeOne(dir)) return undefined;
  const found = await repositoryAt(dir, options);
  const at = real(dir);
  if (found?.top === at || (found?.top === null && found.gitDir.startsWith(at))) return found;
  throw new SkeinError('git_failed', `git does not take what is in ${dir} for a repository's.`);
}

function looksLikeOne(dir: string): boolean {
  const there = (name: string) => fs.lstatSync(path.join(dir, name), { throwIfNoEntry: false }) !== undefined;
  return there('.git') || (there('HEAD') && there('objects'));
}

/** As git finds it, without asking: a worktree's own part names what it is a part of. */
function commonOf(gitDir: string): string {
  try {
    return path.resolve(gitDir, fs.readFileSync(path.join(gitDir, 'commondir'), 'utf8').replace(/\n$/, ''));
  } catch (error) {
    if (isCode(error, 'ENOENT')) return gitDir;
    throw error;
  }
}

function real(dir: string): string {
  try {
    return fs.realpathSync(dir);
  } catch {
    return path.resolve(dir);
  }
}
