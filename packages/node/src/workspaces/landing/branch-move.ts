/**
 * Moves a branch from one commit to another, and every tree that has it checked out with it: all or nothing, and never over a change
 * of the user's. What is under way is written into the repository first (`refs/skein/landing/<id>/from` and `to`), so that after a
 * crash it is found and finished, or taken back (rules W5, K4).
 */
import fs from 'node:fs';
import path from 'node:path';
import { SkeinError } from '@skein/protocol/errors';
import { type GitOptions, git, gitText, gitYes } from '../git.ts';
import { inTurn } from '../worktree-turn.ts';
import { changedBetween } from './changed.ts';
import { checkObstacles } from './obstacles.ts';
import { BranchMoved, LandingStop, named } from './stop.ts';
import { holds, type LockedTree, lockTree, treeFiles, unlockTree } from './tree-lock.ts';
import { finishTree, moveTree, type TreeMove, takeTreeBack } from './tree-move.ts';
import { underWay } from './under-way.ts';

export interface BranchMove {
  /** Names it; unique among all that move in the repository. */
  id: string;
  /** Any directory of the repository. */
  repository: string;
  branch: string;
  from: string;
  to: string;
  /** For the reflog. */
  reason: string;
  /** Called for each tree before it is touched, with the paths that will be: throws to keep it from being. */
  hold(dir: string, paths: readonly string[]): Promise<void>;
}

const record = (id: string, which: 'from' | 'to') => `refs/skein/landing/${id}/${which}`;

/** Throws BranchMoved when the branch is not at `from`; LandingStop and others when it cannot be: all is then as it was. */
export async function moveBranch(move: BranchMove, given: GitOptions): Promise<void> {
  // Begun, it goes on to its end: that takes a moment, and half of it would be in somebody's way until the next start.
  const { signal: _, ...options } = given;
  const { id, repository, branch, from, to } = move;
  if ((await tipOf(repository, branch, options)) !== from) throw new BranchMoved();
  if (from === to) return;
  const entries = await changedBetween(repository, from, to, options);
  const trees = await lockAll(move, await treesOn(repository, branch, options), options);
  const begun: TreeMove[] = [];
  try {
    if ((await tipOf(repository, branch, options)) !== from) throw new BranchMoved();
    for (const { dir } of trees) {
      await checkObstacles(dir, entries, options);
      await move.hold(
        dir,
        entries.map((entry) => entry.path),
      );
    }
    await writeRecord(move, options);
    for (const tree of trees) {
      begun.push({ tree, from, to, entries });
      await moveTree({ tree, from, to, entries }, options);
    }
    await setBranch(move, options);
  } catch (error) {
    const half: string[] = [];
    for (const one of begun) await takeTreeBack(one, options).catch(() => half.push(one.tree.dir));
    await forgetMove(repository, id, options).catch(() => {});
    for (const tree of trees) unlockTree(tree, id, false);
    if (half.length > 0) throw stuck(half, error);
    throw inWords(error);
  }
  for (const tree of trees) unlockTree(tree, id, true);
}

/**
 * Goes on with a move that a node may have begun before it was killed: finishes it if the branch has moved, else takes it back.
 * Undefined when nothing was begun, or it was taken back.
 */
export async function resumeMove(
  { id, repository, branch }: Pick<BranchMove, 'id' | 'repository' | 'branch'>,
  options: GitOptions,
): Promise<{ from: string; to: string } | undefined> {
  const from = await commitOf(repository, record(id, 'from'), options);
  const to = await commitOf(repository, record(id, 'to'), options);
  const held = await heldTrees(repository, id, options);
  if (from === undefined || to === undefined) {
    for (const tree of held) unlockTree(tree, id, false);
    return undefined;
  }
  const entries = await changedBetween(repository, from, to, options);
  const moves = held.map((tree): TreeMove => ({ tree, from, to, entries }));
  const moved = await hasMoved(repository, { branch, from, to }, options);
  for (const one of moves) await (moved ? finishTree(one, options) : takeTreeBack(one, options));
  for (const tree of held) unlockTree(tree, id, moved);
  if (moved) return { from, to };
  await forgetMove(repository, id, options);
  return undefined;
}

/** Somebody may have moved the branch on since, whichever of the two it was at. */
async function hasMoved(
  repository: string,
  { branch, from, to }: Pick<BranchMove, 'branch' | 'from' | 'to'>,
  options: GitOptions,
): Promise<boolean> {
  const tip = await tipOf(repository, branch, options);
  if (tip === undefined || tip === from) return false;
  if (await isWithin(repository, from, to, options)) return isWithin(repository, to, tip, options);
  // A branch that goes back holds what it goes back to all the time.
  return !(await isWithin(repository, from, tip, options));
}

/** When its end is recorded elsewhere. */
export async function forgetMove(repository: string, id: string, options: GitOptions): Promise<void> {
  const input = `delete ${record(id, 'from')}\ndelete ${record(id, 'to')}\n`;
  await git(repository, ['update-ref', '--stdin'], { ...options, input });
}

async function writeRecord({ id, repository, from, to }: BranchMove, options: GitOptions): Promise<void> {
  const input = `update ${record(id, 'from')} ${from}\nupdate ${record(id, 'to')} ${to}\n`;
  await git(repository, ['update-ref', '--stdin'], { ...options, input });
}

/** Only from where it is thought to be. */
async function setBranch(
  { repository, branch, from, to, reason }: BranchMove,
  options: GitOptions,
): Promise<void> {
  const ref = `refs/heads/${branch}`;
  await git(repository, ['update-ref', '-m', reason, ref, to, from], options).catch(async (error) => {
    if ((await tipOf(repository, branch, options)) !== from) throw new BranchMoved();
    throw error;
  });
}

/** In one order, so that no two wait for each other; none when one cannot be had. */
async function lockAll(
  { id }: BranchMove,
  dirs: readonly string[],
  options: GitOptions,
): Promise<LockedTree[]> {
  const locked: LockedTree[] = [];
  try {
    for (const dir of dirs.toSorted()) {
      const tree = await treeFiles(dir, id, options);
      await lockTree(tree, id);
      locked.push(tree);
    }
    return locked;
  } catch (error) {
    for (const tree of locked) unlockTree(tree, id, false);
    throw error;
  }
}

async function heldTrees(repository: string, id: string, options: GitOptions): Promise<LockedTree[]> {
  const held: LockedTree[] = [];
  for (const { dir } of await treesIn(repository, options)) {
    const tree = await treeFiles(dir, id, options);
    if (holds(tree, id)) held.push(tree);
  }
  return held;
}

/** Trees that have a branch checked out. Throws LandingStop where one is in the middle of something with it. */
async function treesOn(repository: string, branch: string, options: GitOptions): Promise<string[]> {
  const on: string[] = [];
  for (const { dir, branch: own } of await treesIn(repository, options)) {
    const doing = await underWay(dir, options);
    if (own !== branch && doing?.branch !== branch) continue;
    if (doing !== undefined)
      throw new LandingStop(
        `In ${dir} a ${doing.what} of ${branch} is under way. Finish it, or give it up with git ${doing.what} --abort; then land again.`,
      );
    on.push(dir);
  }
  return on;
}

interface Tree {
  dir: string;
  /** Null for one that is on none. */
  branch: string | null;
}

/** Those that are there, the repository's own first; without a bare one. */
export async function treesIn(repository: string, options: GitOptions): Promise<Tree[]> {
  const told = await inTurn(repository, options, () =>
    gitText(repository, ['worktree', 'list', '--porcelain', '-z'], options),
  );
  return told.split('\0\0').flatMap((text) => {
    const lines = text.split('\0');
    const dir = lines.find((line) => line.startsWith('worktree '))?.slice('worktree '.length);
    if (dir === undefined || lines.includes('bare') || !fs.existsSync(path.join(dir, '.git'))) return [];
    const ref = lines.find((line) => line.startsWith('branch refs/heads/'));
    return [{ dir, branch: ref?.slice('branch refs/heads/'.length) ?? null }];
  });
}

export async function commitOf(dir: string, ref: string, options: GitOptions): Promise<string | undefined> {
  const args = ['rev-parse', '--quiet', '--verify', '--end-of-options', `${ref}^{commit}`];
  const hash = await gitText(dir, args, { ...options, answers: 'any' });
  return hash === '' ? undefined : hash;
}

export function tipOf(dir: string, branch: string, options: GitOptions): Promise<string | undefined> {
  return commitOf(dir, `refs/heads/${branch}`, options);
}

/** Whether one commit is another, or among its ancestors. */
export function isWithin(dir: string, commit: string, of: string, options: GitOptions): Promise<boolean> {
  return gitYes(dir, ['merge-base', '--is-ancestor', commit, of], options);
}

/** As on a full disk: branch and index are as they were, and the files of the landing are in no danger. */
function stuck(dirs: readonly string[], error: unknown): LandingStop {
  const why = SkeinError.from(error).message;
  return new LandingStop(
    `Some files of the landing are in ${dirs.join(', ')} and could not be taken back; git status there tells which. Landing failed: ${why}`,
  );
}

/** git refuses what came in between the look for obstacles and the writing. */
function inWords(error: unknown): unknown {
  const { code, message } = SkeinError.from(error);
  if (code !== 'git_failed' || error instanceof LandingStop) return error;
  const paths = [...message.matchAll(/Entry '(.+)' (?:not uptodate|would be overwritten)/g)].map(
    ([, one = '']) => one,
  );
  const others = [...message.matchAll(/Untracked working tree file '(.+)' would be/g)].map(
    ([, one = '']) => one,
  );
  const all = [...paths, ...others];
  if (all.length === 0) return error;
  return new LandingStop(
    `What is not committed in ${named(all)} would have been overwritten. Commit it or put it aside, then land again.`,
    { paths: all },
  );
}
