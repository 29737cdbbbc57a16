/**
 * Moves a branch from one commit to another, and every tree that has it checked out with it: all or nothing, and never over a change
 * of the user's. What is under way is written into the repository first (`refs/skein/landing/<id>/from` and `to`), so that after a
 * crash it is found and finished, or taken back (rules W5, K4).
 */
import { SkeinError } from '@skein/protocol/errors';
import { type GitOptions, git, gitText, gitYes } from '../git.ts';
import { areStill, heldTrees, lockOthers, lockTrees, unlockOthers } from './branch-trees.ts';
import { changedBetween } from './changed.ts';
import { checkObstacles } from './obstacles.ts';
import { BranchMoved, LandingStop, named } from './stop.ts';
import { type LockedTree, unlockTree } from './tree-lock.ts';
import { finishTree, moveTree, type TreeMove, takeTreeBack } from './tree-move.ts';

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

/** Somebody has gone to the branch, or from it, since its trees were looked at: nothing was changed yet. */
class TreesChanged extends Error {}

/** How often it is begun anew because of that. */
const ROUNDS = 10;

/** Throws BranchMoved when the branch is not at `from`; LandingStop and others when it cannot be: all is then as it was. */
export async function moveBranch(move: BranchMove, given: GitOptions): Promise<void> {
  // Begun, it goes on to its end: that takes a moment, and half of it would be in somebody's way until the next start.
  const { signal: _, ...options } = given;
  for (let round = 1; ; round++) {
    try {
      return await moveOnce(move, options);
    } catch (error) {
      if (!(error instanceof TreesChanged)) throw error;
      if (round === ROUNDS)
        throw new LandingStop(`Somebody goes to ${move.branch} and from it all the time. Land again later.`);
    }
  }
}

async function moveOnce(move: BranchMove, options: GitOptions): Promise<void> {
  const { id, repository, branch, from, to } = move;
  if ((await tipOf(repository, branch, options)) !== from) throw new BranchMoved();
  if (from === to) return;
  const entries = await changedBetween(repository, from, to, options);
  const on = await lockTrees(move, options);
  let others: LockedTree[] = [];
  const begun: TreeMove[] = [];
  try {
    if ((await tipOf(repository, branch, options)) !== from) throw new BranchMoved();
    for (const { dir } of on) {
      await checkObstacles(dir, entries, options);
      await move.hold(
        dir,
        entries.map((entry) => entry.path),
      );
    }
    await writeRecord(move, options);
    if (on.length === 0) others = await lockOthers(move, options);
    // Looked at now, since git lets go of its lock a moment before it says which branch the tree is on.
    if (!(await areStill(move, on, options))) throw new TreesChanged();
    for (const tree of on) {
      begun.push({ tree, from, to, entries });
      await moveTree({ tree, from, to, entries }, options);
    }
    await setBranch(move, options);
  } catch (error) {
    const half = new Set<LockedTree>();
    for (const one of begun) await takeTreeBack(one, options).catch(() => half.add(one.tree));
    if (half.size === 0) await forgetMoves(repository, [id], options).catch(() => {});
    for (const tree of on) if (!half.has(tree)) unlockTree(tree, id, false);
    if (half.size > 0) throw stuck([...half], error);
    throw inWords(error);
  } finally {
    unlockOthers(others, id);
  }
  for (const tree of on) unlockTree(tree, id, true);
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
  await forgetMoves(repository, [id], options);
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

/** When their end is recorded elsewhere. */
export async function forgetMoves(
  repository: string,
  ids: readonly string[],
  options: GitOptions,
): Promise<void> {
  const refs = ids.flatMap((id) => [record(id, 'from'), record(id, 'to')]);
  const input = refs.map((ref) => `delete ${ref}\n`).join('');
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
    const tip = await tipOf(repository, branch, options);
    if (tip === from) throw error;
    if (tip !== to) throw new BranchMoved();
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

/** As on a full disk. Branch and index are as they were; lock and record stay, by which it is taken back later. */
function stuck(trees: readonly LockedTree[], error: unknown): LandingStop {
  const why = SkeinError.from(error).message;
  const dirs = trees.map(({ dir }) => dir).join(', ');
  return new LandingStop(
    `Some files of the landing are in ${dirs} and could not be taken back. That is tried again until it can be, and git waits there for it: make room on the disk. Landing failed: ${why}`,
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
