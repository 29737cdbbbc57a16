/** Takes a workspace's files away: never a directory of the user's, and never work that is nowhere else, unless that is meant (rule W5). */
import fs from 'node:fs';
import path from 'node:path';
import type { Source } from '@skein/protocol/workspaces/commands';
import type { GitOptions } from '../git.ts';
import { git } from '../git.ts';
import { isKept } from '../trees/kept.ts';
import { inTurn } from '../worktree-turn.ts';
import { clearBeside, removeRoot } from './places.ts';
import { repositoryAt } from './repository.ts';
import { leftInDirectory, leftInRepository, leftInWorktree, ownRepository, unlanded } from './work-left.ts';
import type { Base } from './worktree.ts';
import { dropWorktree, forgetNoted, hasBranch, notedBranch } from './worktree.ts';

export interface Going {
  id: string;
  root: string;
  source: Source;
  base: Base | undefined;
  options: GitOptions;
}

/** What would be lost with it, each a sentence's part; none when nothing would. `meant`: a scratch directory's files are to go. */
export async function workLeft(
  { id, root, source, base, options }: Going,
  meant: boolean,
): Promise<string[]> {
  if (source.kind === 'local' || !fs.existsSync(root)) return [];
  const found = await ownRepository(root, options);
  if (source.kind === 'worktree' && found !== undefined) {
    const there = base !== undefined && fs.existsSync(base.root) ? base.root : root;
    const branch = await ownBranch(there, id, source, options);
    const onto = base === undefined ? undefined : await repositoryAt(there, options);
    return leftInWorktree(root, { branch, onto: onto?.head ?? null }, options);
  }
  if (source.kind === 'handed' && found !== undefined && (await isKept(root, options))) return [];
  if (found !== undefined) return leftInRepository(root, found, options);
  return meant ? [] : leftInDirectory(root);
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

/** Returns what is to be told. Done again after it was cut off anywhere, it comes to the same. */
export async function removeFiles({ id, root, source, base, options }: Going): Promise<string> {
  if (source.kind === 'local') return '';
  // Of a directory that is no repository, or none any more, there is nothing else to undo.
  const of =
    source.kind === 'worktree' && base !== undefined ? await repositoryAt(base.root, options) : undefined;
  if (source.kind !== 'worktree' || base === undefined || of === undefined) {
    await removeRoot(root);
    return '';
  }
  const branch = await ownBranch(base.root, id, source, options);
  const stays = await withBranch(base, root, branch, options);
  // Its files first: git will not remove a worktree that is there in part.
  await removeRoot(root);
  await dropWorktree(base.root, root, options);
  await clearBeside(root);
  if (branch !== null && stays === undefined && (await hasBranch(base.root, branch, options)))
    await inTurn(base.root, options, () =>
      git(base.root, ['branch', '--quiet', '-D', '--', branch], options),
    );
  await forgetNoted(base.root, id, options);
  return stays ?? '';
}

/** Why the branch stays, whatever was asked for; undefined when nothing of it would be lost. */
async function withBranch(
  base: Base,
  root: string,
  branch: string | null,
  options: GitOptions,
): Promise<string | undefined> {
  if (branch === null || !(await hasBranch(base.root, branch, options))) return undefined;
  const onto = (await repositoryAt(base.root, options))?.head ?? null;
  const at = fs.existsSync(path.join(root, '.git')) ? root : undefined;
  const left = await unlanded(at ?? base.root, { branch, onto }, options);
  return left.length === 0
    ? undefined
    : `Branch ${branch} stays in ${base.name}: it holds ${left.join(', ')}.`;
}
