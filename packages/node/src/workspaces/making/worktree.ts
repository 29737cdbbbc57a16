/**
 * A workspace that is a worktree of another's repository, on a branch of its own. Which branch that is, is written into the
 * repository first (`refs/skein/worktree/<id>`), so that a making that was cut off goes on with the same.
 */
import fs from 'node:fs';
import { SkeinError } from '@skein/protocol/errors';
import { shellWord } from '@skein/protocol/text/words';
import { git, gitList, gitText, gitYes } from '../git.ts';
import { addTree, inTurn } from '../worktree-turn.ts';
import { type Making, submodulesIn } from './clone.ts';
import { clearBeside, madeIn, removeTree, tellMade } from './places.ts';
import { type Repository, repositoryAt } from './repository.ts';

export interface Base {
  /** What people call the workspace that it is of, and where that lies. */
  name: string;
  root: string;
}

/** Milliseconds for a checkout of a large repository. */
const CHECKOUT_MS = 30 * 60_000;

const noted = (id: string): string => `refs/skein/worktree/${id}`;

/** Returns what is to be told of it. `wish`: the branch that was asked for; else one is made after `name`. */
export async function addWorktree(
  { id, root, options }: Making,
  base: Base,
  { name, wish }: { name: string; wish: string | undefined },
): Promise<string> {
  const from = await baseOf(base, options);
  // Of a half one, which nobody has had yet, git may make nothing.
  const there = await repositoryAt(root, options).catch(() => undefined);
  if (there?.top === root && madeIn(there.gitDir)?.id === id) return '';
  await undoHalf(base, root, options);
  const branch = await branchFor(base, { id, name, wish }, options);
  const exists = await hasBranch(base.root, branch, options);
  const args = exists ? [root, branch] : ['--no-track', '-b', branch, root, from.head];
  await addTree(base.root, { root, args }, { ...options, timeout: CHECKOUT_MS }).catch(inWords(base, branch));
  const made = await repositoryAt(root, options);
  if (made === undefined) throw new SkeinError('git_failed', `git has made no worktree in ${root}.`);
  tellMade(made.gitDir, { id, came: [] });
  return await words(base, root, from, options);
}

/** Throws, in words, for what no worktree can be made of. */
async function baseOf(base: Base, options: Making['options']): Promise<Repository & { head: string }> {
  const found = await repositoryAt(base.root, options);
  const name = `Workspace "${base.name}"`;
  if (found === undefined)
    throw new SkeinError(
      'not_a_repository',
      `${name} is no git repository, so it can have no worktrees. Work in it together: --shared`,
    );
  const { top, head } = found;
  if (top !== null && fs.realpathSync(top) !== base.root) {
    const message = `${name} lies within the repository ${top}. A worktree is of a whole repository: make a workspace of that first, with skein workspace create local ${shellWord(top)}`;
    throw new SkeinError('not_a_repository', message, { top });
  }
  if (head === null)
    throw new SkeinError(
      'not_a_repository',
      `${name} has no commit yet, so there is nothing to begin a worktree with. Make a first commit in ${base.root}`,
    );
  return { ...found, head };
}

/** The one that was chosen before; else the one that is wanted, or the first after `name` that is free. */
async function branchFor(
  base: Base,
  { id, name, wish }: { id: string; name: string; wish: string | undefined },
  options: Making['options'],
): Promise<string> {
  const before = await notedBranch(base.root, id, options);
  if (before !== undefined) return before;
  const branch = wish ?? (await freeBranch(base.root, name, options));
  if (!(await gitYes(base.root, ['check-ref-format', `refs/heads/${branch}`], options)))
    throw new SkeinError('bad_request', `"${branch}" cannot be the name of a branch.`);
  const other = wish === undefined ? undefined : await inTheWay(base.root, branch, options);
  if (other !== undefined) {
    const message = `There is a branch ${other} in workspace "${base.name}", so git can have none called ${branch}. Choose another with --branch`;
    throw new SkeinError('name_taken', message, { branch: other });
  }
  await git(base.root, ['symbolic-ref', noted(id), `refs/heads/${branch}`], options);
  return branch;
}

async function freeBranch(dir: string, name: string, options: Making['options']): Promise<string> {
  const first = `skein${(await hasBranch(dir, 'skein', options)) ? '-' : '/'}${name}`;
  const taken = async (branch: string) =>
    (await hasBranch(dir, branch, options)) || (await inTheWay(dir, branch, options)) !== undefined;
  let branch = first;
  for (let n = 2; await taken(branch); n++) branch = `${first}-${n}`;
  return branch;
}

/** A branch above or below that name: git keeps them as files, so that none can be a directory of others as well. */
async function inTheWay(
  dir: string,
  branch: string,
  options: Making['options'],
): Promise<string | undefined> {
  const first = `refs/heads/${branch.split('/', 1)[0]}`;
  const told = await gitText(dir, ['for-each-ref', '--format=%(refname:lstrip=2)', first], options);
  const others = told.split('\n').filter((other) => other !== '' && other !== branch);
  return others.find((other) => `${branch}/`.startsWith(`${other}/`) || other.startsWith(`${branch}/`));
}

/** The branch that a worktree was made with; undefined when none was chosen yet. */
export async function notedBranch(
  dir: string,
  id: string,
  options: Making['options'],
): Promise<string | undefined> {
  const ref = await gitText(dir, ['symbolic-ref', '--quiet', noted(id)], { ...options, answers: [0, 1] });
  return ref.startsWith('refs/heads/') ? ref.slice('refs/heads/'.length) : undefined;
}

/** Forgets which branch it was, when all that it was for is done. */
export async function forgetNoted(dir: string, id: string, options: Making['options']): Promise<void> {
  if ((await notedBranch(dir, id, options)) === undefined) return;
  await git(dir, ['symbolic-ref', '--delete', noted(id)], options);
}

export function hasBranch(dir: string, branch: string, options: Making['options']): Promise<boolean> {
  return gitYes(dir, ['show-ref', '--quiet', '--verify', `refs/heads/${branch}`], options);
}

/** Takes away what an earlier try has left: the tree, and what the repository knows of it. */
async function undoHalf(base: Base, root: string, options: Making['options']): Promise<void> {
  await removeTree(root);
  await dropWorktree(base.root, root, options);
  await clearBeside(root);
}

/** Makes the repository forget a worktree, whose files are gone; one that it does not know is no error. */
export async function dropWorktree(
  repository: string,
  root: string,
  options: Making['options'],
): Promise<void> {
  await inTurn(repository, options, async () => {
    const known = await listed(repository, options);
    if (!known.includes(root)) return;
    // Twice: also one that is locked, as one is that is being made.
    await git(repository, ['worktree', 'remove', '--force', '--force', root], options);
  });
}

/** Where they are, the repository's own tree first. */
export function worktreesOf(repository: string, options: Making['options']): Promise<string[]> {
  return inTurn(repository, options, () => listed(repository, options));
}

async function listed(repository: string, options: Making['options']): Promise<string[]> {
  const told = await gitList(repository, ['worktree', 'list', '--porcelain', '-z'], options);
  return told.flatMap((line) => (line.startsWith('worktree ') ? [line.slice('worktree '.length)] : []));
}

function inWords({ name }: Base, branch: string): (error: unknown) => never {
  return (error) => {
    const failure = SkeinError.from(error);
    const at = /is already (?:checked out|used by worktree) at '(.*)'/.exec(failure.message)?.[1];
    if (at === undefined) throw failure;
    const message = `Branch ${branch} of workspace "${name}" is checked out in ${at} already, and can be in one tree at a time. Choose another with --branch`;
    throw new SkeinError('name_taken', message, { branch, at });
  };
}

/** What somebody who works in it might wonder about. */
async function words(
  base: Base,
  root: string,
  { top }: Repository,
  options: Making['options'],
): Promise<string> {
  const told: string[] = [];
  if (top !== null) {
    const status = await gitList(base.root, ['status', '--porcelain', '-z', '--untracked-files=no'], options);
    if (status.length > 0) told.push(`What is not committed in ${base.name} is not in it.`);
  }
  const submodules = await submodulesIn(root, options);
  if (submodules.length > 0)
    told.push(
      `Its ${submodules.length === 1 ? 'submodule is' : `${submodules.length} submodules are`} not checked out: git submodule update --init`,
    );
  return told.join('\n');
}
