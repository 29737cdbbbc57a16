/**
 * A commit of all that a tree holds, as landing it would commit: what is changed, and files that git does not know and does not
 * ignore. The tree, its index and its branch stay as they are, and the same tree gives the same commit.
 */
import fs from 'node:fs';
import path from 'node:path';
import { SkeinError } from '@skein/protocol/errors';
import type { TreeHeld } from '@skein/protocol/machines/trees';
import { type GitOptions, git, gitList, gitText } from '../git.ts';
import { copyIndex, inIndex } from '../index-copy.ts';
import { underWay } from '../landing/under-way.ts';
import { repositoryAt } from '../making/repository.ts';
import { addAll } from '../nested.ts';

const SUBMODULE = '160000';
/** Where it works, within the tree's git directory; and milliseconds after which that is nobody's any more. */
const BESIDE = 'skein-snapshot-';
const OLD_MS = 3_600_000;
/** Paths that are told of many, and characters of one. */
const TOLD = 100;
const MAX_PATH = 4_096;

export type Snapshot = Omit<TreeHeld, 'bundle'>;

/** Throws `not_a_repository`, and `not_ready` where there is no commit yet. */
export async function snapshotOf(dir: string, options: GitOptions): Promise<Snapshot> {
  const found = await repositoryAt(dir, options);
  if (found === undefined || found.top === null)
    throw new SkeinError('not_a_repository', `${dir} is no git tree any more.`);
  const { head, branch } = found;
  if (head === null) throw new SkeinError('not_ready', `There is no commit in ${dir}.`);
  const doing = (await underWay(dir, options))?.what ?? null;
  const { tree, left } = await treeOf(dir, found.gitDir, options);
  const before = await gitText(dir, ['rev-parse', `${head}^{tree}`], options);
  const tip = tree === before ? head : await commitOf(dir, { tree, head }, options);
  return { head, tip, branch, doing, left };
}

async function treeOf(
  dir: string,
  gitDir: string,
  options: GitOptions,
): Promise<{ tree: string; left: string[] }> {
  clearOld(gitDir);
  const temporary = fs.mkdtempSync(path.join(gitDir, BESIDE));
  try {
    const mine = path.join(temporary, 'index');
    const index = path.join(gitDir, 'index');
    // What is known of files there need not be read again.
    copyIndex(index, mine);
    const own = inIndex(mine, options);
    const before = new Set(await submodules(dir, own));
    const nested = await addAll(dir, { where: ':/', how: [] }, own);
    // One that has taken the place of a file comes all the same.
    const instead = (await submodules(dir, own)).filter((one) => !before.has(one));
    if (instead.length > 0)
      await git(dir, ['update-index', '--force-remove', '-z', '--stdin'], {
        ...own,
        input: instead.map((one) => `${one}\0`).join(''),
      });
    const left = [...nested, ...instead];
    const tree = await gitText(dir, ['write-tree'], own);
    return { tree, left: left.filter((one) => one.length <= MAX_PATH).slice(0, TOLD) };
  } finally {
    fs.rmSync(temporary, { recursive: true, force: true });
  }
}

/** What a node that was killed has left; another may be at work here just now. */
function clearOld(gitDir: string): void {
  for (const name of fs.readdirSync(gitDir).filter((one) => one.startsWith(BESIDE))) {
    const stat = fs.statSync(path.join(gitDir, name), { throwIfNoEntry: false });
    if (stat !== undefined && stat.mtimeMs + OLD_MS < Date.now())
      fs.rmSync(path.join(gitDir, name), { recursive: true, force: true });
  }
}

async function submodules(dir: string, options: GitOptions): Promise<string[]> {
  const entries = await gitList(dir, ['ls-files', '--stage', '-z', '--', ':/'], options);
  return entries.flatMap((entry) =>
    entry.startsWith(SUBMODULE) ? [entry.slice(entry.indexOf('\t') + 1)] : [],
  );
}

/** Of no time but its parent's, so that the same is the same. */
async function commitOf(
  dir: string,
  { tree, head }: { tree: string; head: string },
  options: GitOptions,
): Promise<string> {
  const at = await gitText(dir, ['show', '--no-patch', '--format=%ct +0000', head], options);
  const who = (role: string) => ({
    [`GIT_${role}_NAME`]: 'Skein',
    [`GIT_${role}_EMAIL`]: 'skein@localhost',
    [`GIT_${role}_DATE`]: `@${at}`,
  });
  const env = { ...options.env, ...who('AUTHOR'), ...who('COMMITTER') };
  const args = ['commit-tree', '--no-gpg-sign', '-p', head, '-F', '-', tree];
  return gitText(dir, args, { ...options, env, input: 'What is not committed\n' });
}
