/**
 * Git makes a worktree in several steps, and whatever looks at the repository's worktrees meanwhile, by a command that adds, lists or
 * removes some or deletes a branch, may find one without its files and fail. So those of this node go one after the other.
 */
import { Turns } from './gate/turns.ts';
import { type GitOptions, git, gitText } from './git.ts';

const turns = new Turns();

/** Does it when nothing else of the kind is under way in the repository, named by any of its trees. Not within another. */
export async function inTurn<T>(repository: string, options: GitOptions, work: () => Promise<T>): Promise<T> {
  const asked = ['rev-parse', '--path-format=absolute', '--git-common-dir'];
  const common = await gitText(repository, asked, options);
  return turns.after(common, work);
}

/** `git worktree add ARGS`, for a tree in `root`. Only the making of it is in turn, not its checkout, which may take long. */
export async function addTree(
  repository: string,
  { root, args }: { root: string; args: readonly string[] },
  options: GitOptions,
): Promise<void> {
  await inTurn(repository, options, () =>
    git(repository, ['worktree', 'add', '--quiet', '--no-checkout', ...args], options),
  );
  await git(root, ['reset', '--quiet', '--hard'], options);
}
