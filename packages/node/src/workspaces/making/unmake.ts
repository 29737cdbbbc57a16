/** Takes a workspace's files away: never a directory of the user's, and never work that is nowhere else, unless that is meant (rule W5). */
import fs from 'node:fs';
import { SkeinError } from '@skein/protocol/errors';
import type { Source } from '@skein/protocol/workspaces/commands';
import type { GitOptions } from '../git.ts';
import { git } from '../git.ts';
import { isKept } from '../trees/kept.ts';
import { inTurn } from '../worktree-turn.ts';
import { clearBeside, removeRoot } from './places.ts';
import { ownRepository, repositoryAt } from './repository.ts';
import { leftInDirectory, leftInRepository, leftInWorktree, unlanded } from './work-left.ts';
import type { Base } from './worktree.ts';
import { dropWorktree, forgetNoted, hasBranch, notedBranch } from './worktree.ts';

export interface Going {
  id: string;
  root: string;
  source: Source;
  base: Base | undefined;
  options: GitOptions;
}

/**
 * What would be lost with it, each a sentence's part; none when nothing would. `last`: it is one that goes with its last run, and so
 * does what was put into a scratch directory. Throws when that cannot be told.
 */
export async function workLeft({ id, root, source, base, options }: Going, last: boolean): Promise<string[]> {
  if (source.kind === 'local' || fs.lstatSync(root, { throwIfNoEntry: false }) === undefined) return [];
  const found = await ownRepository(root, options);
  // Whatever has become of its repository, the files are there.
  if (found === undefined) return last && source.kind === 'scratch' ? [] : leftInDirectory(root);
  if (source.kind === 'worktree') {
    const there = base !== undefined && fs.existsSync(base.root) ? base.root : undefined;
    const branch = await ownBranch(there ?? root, id, source, options);
    const of = there === undefined ? undefined : await repositoryAt(there, options);
    // Not if somebody has made a repository of its own there since.
    if (found.gitDir !== found.commonDir && (of === undefined || of.commonDir === found.commonDir))
      return leftInWorktree(root, { branch, onto: of?.head ?? null }, options);
  }
  if (source.kind === 'handed' && (await isKept(root, options))) return [];
  return leftInRepository(root, found, options);
}

/** Its branch, if that was made for it and goes with it; one that somebody has named stays. */
async function ownBranch(
  dir: string,
  id: string,
  source: Extract<Source, { kind: 'worktree' }>,
  options: GitOptions,
): Promise<string | null> {
  return source.branch === undefined ? ((await notedBranch(dir, id, options)) ?? null) : null;
}

/**
 * Returns what is to be told. Done again after it was cut off anywhere, it comes to the same. `forced`: also where git cannot be asked
 * about its base, which then stays as it is.
 */
export async function removeFiles(
  { id, root, source, base, options }: Going,
  forced = false,
): Promise<string> {
  if (source.kind === 'local') return '';
  if (source.kind !== 'worktree' || base === undefined) {
    await removeRoot(root);
    return '';
  }
  const of = await repositoryAt(base.root, options).catch((error) => {
    if (!forced || options.signal?.aborted === true) throw error;
    return SkeinError.from(error);
  });
  // Of a directory that is no repository, or none any more, there is nothing else to undo.
  if (of === undefined || of instanceof SkeinError) {
    await removeRoot(root);
    return of === undefined ? '' : `A branch of it in ${base.name} stays there: ${of.message}`;
  }
  const branch = await ownBranch(base.root, id, source, options);
  // Its files first: git will not remove a worktree that is there in part.
  await removeRoot(root);
  await dropWorktree(base.root, root, options);
  await clearBeside(root);
  // Looked at when nobody can commit to it there any more.
  const stays = (await withBranch(base, branch, options)) ?? (await dropBranch(base, branch, options));
  await forgetNoted(base.root, id, options);
  return stays;
}

/** Returns why it stays; the empty text when it is gone, or there is none. */
async function dropBranch(base: Base, branch: string | null, options: GitOptions): Promise<string> {
  if (branch === null || !(await hasBranch(base.root, branch, options))) return '';
  try {
    const words = ['branch', '--quiet', '-D', '--', branch];
    await inTurn(base.root, options, () => git(base.root, words, options));
    return '';
  } catch (error) {
    const at = /(?:checked out|used by worktree) at '(.*)'/.exec(SkeinError.from(error).message)?.[1];
    if (at === undefined) throw error;
    return `Branch ${branch} stays in ${base.name}: it is checked out in ${at}.`;
  }
}

/** Why the branch stays, whatever was asked for; undefined when nothing of it would be lost. */
async function withBranch(
  base: Base,
  branch: string | null,
  options: GitOptions,
): Promise<string | undefined> {
  if (branch === null || !(await hasBranch(base.root, branch, options))) return undefined;
  const onto = (await repositoryAt(base.root, options))?.head ?? null;
  const left = await unlanded(base.root, { branch, onto }, options);
  return left.length === 0
    ? undefined
    : `Branch ${branch} stays in ${base.name}: it holds ${left.join(', ')}.`;
}
