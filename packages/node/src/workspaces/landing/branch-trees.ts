/**
 * The trees that a branch is checked out in, found and locked while it moves. Whoever changes branches in a tree has its index locked
 * for as long as that takes: so what was found is looked at again once the locks are had.
 */
import fs from 'node:fs';
import path from 'node:path';
import { type GitOptions, gitText } from '../git.ts';
import { namesIn } from '../making/places.ts';
import { inTurn } from '../worktree-turn.ts';
import { LandingStop } from './stop.ts';
import {
  holds,
  isLandings,
  isLocked,
  type LockedTree,
  lockTree,
  treeFiles,
  unlockTree,
} from './tree-lock.ts';
import { underWay } from './under-way.ts';

/** Milliseconds that whoever is at work in one is waited for, and between two looks. */
const WAIT_MS = 10_000;
const LOOK_MS = 50;

interface Moving {
  id: string;
  /** Any directory of the repository. */
  repository: string;
  branch: string;
}

/** Locks those that have the branch. Throws LandingStop when somebody is at work in one for long. */
export function lockTrees(moving: Moving, options: GitOptions): Promise<LockedTree[]> {
  return lockAll(moving.id, async () => {
    const dirs = await treesOn(moving, options);
    return Promise.all(dirs.map((dir) => treeFiles(dir, moving.id, options)));
  });
}

/** After a crash these are let go, and nothing else is done to them: so their locks have a name of their own. */
const othersId = (id: string) => `${id}-others`;

/**
 * For a branch that no tree has: any may be about to come to it, so all are kept from that for the moment in which it moves, and who is
 * on the way is waited for. Where one has it git lets no other come to it.
 */
export function lockOthers({ id, repository }: Moving, options: GitOptions): Promise<LockedTree[]> {
  return lockAll(othersId(id), async () => {
    const trees = await treesIn(repository, options);
    const found = trees.map(({ dir }) => treeFiles(dir, othersId(id), options).catch(() => undefined));
    // In one that nobody can write to nobody changes branches either.
    return (await Promise.all(found)).filter((tree) => tree !== undefined && canLock(tree));
  });
}

function canLock(tree: LockedTree): tree is LockedTree {
  try {
    fs.accessSync(path.dirname(tree.index), fs.constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

export function unlockOthers(trees: readonly LockedTree[], id: string): void {
  for (const tree of trees) unlockTree(tree, othersId(id), false);
}

/** All at once or none: so no two wait for each other, and nobody is kept waiting by who waits. Throws LandingStop. */
export async function lockAll(id: string, find: () => Promise<LockedTree[]>): Promise<LockedTree[]> {
  const until = performance.now() + WAIT_MS;
  for (;;) {
    const trees = await find();
    const locked: LockedTree[] = [];
    try {
      const busy = trees.find((tree) => !(lockTree(tree, id) && locked.push(tree)));
      if (busy === undefined) return locked;
      for (const tree of locked) unlockTree(tree, id, false);
      while (isLocked(busy)) {
        if (performance.now() > until) throw atWork(busy);
        await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
      }
    } catch (error) {
      for (const tree of locked) unlockTree(tree, id, false);
      throw error;
    }
  }
}

function atWork(tree: LockedTree): LandingStop {
  if (isLandings(tree))
    return new LandingStop(
      `In ${tree.dir} an earlier landing is to be finished or taken back first, which is tried again and again. Make room on the disk, then land again.`,
    );
  return new LandingStop(
    `git is at work in ${tree.dir}, or has left ${tree.index}.lock behind. If none is, remove that file; then land again.`,
  );
}

/** Whether a landing holds any, by one of its names: told without asking git of each. */
export async function anyHeld(
  repository: string,
  ids: readonly string[],
  options: GitOptions,
): Promise<boolean> {
  const asked = ['rev-parse', '--path-format=absolute', '--git-common-dir'];
  const common = await gitText(repository, asked, options);
  const dirs = [
    common,
    ...namesIn(path.join(common, 'worktrees')).map((one) => path.join(common, 'worktrees', one)),
  ];
  const indexes = dirs.map((dir) => ({ index: path.join(dir, 'index') }));
  return indexes.some((one) => ids.some((id) => holds(one, id) || holds(one, othersId(id))));
}

/** Those that a landing holds, or held when the node was killed. */
export async function heldTrees(repository: string, id: string, options: GitOptions): Promise<LockedTree[]> {
  const held: LockedTree[] = [];
  for (const { dir } of await treesIn(repository, options)) {
    const tree = await treeFiles(dir, id, options);
    if (holds(tree, id)) held.push(tree);
    unlockTree(tree, othersId(id), false);
  }
  return held;
}

/** Whether those are the trees that have the branch. */
export async function areStill(
  moving: Moving,
  trees: readonly LockedTree[],
  options: GitOptions,
): Promise<boolean> {
  const now = new Set(await treesOn(moving, options));
  return now.size === trees.length && trees.every(({ dir }) => now.has(dir));
}

/** Throws LandingStop where one is in the middle of something with it. */
async function treesOn({ repository, branch }: Moving, options: GitOptions): Promise<string[]> {
  const on: string[] = [];
  for (const { dir, branch: own } of await treesIn(repository, options)) {
    // In the middle of a rebase it is on none.
    if (own !== branch && own !== null) continue;
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
async function treesIn(repository: string, options: GitOptions): Promise<Tree[]> {
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
