/**
 * Moves a locked tree from one commit to another: its files, and an index of the landing's own that takes the index's place when
 * the branch has moved. What was cut off anywhere is gone on with, or taken back; changes of the user's are left as they are.
 */
import fs from 'node:fs';
import path from 'node:path';
import { type GitOptions, git, gitList, gitText } from '../git.ts';
import { type Entry, SUBMODULE } from './changed.ts';
import { holdsFiles, thereAt } from './there.ts';
import type { LockedTree } from './tree-lock.ts';

export interface TreeMove {
  tree: LockedTree;
  from: string;
  to: string;
  entries: readonly Entry[];
}

/** Milliseconds for the files of a large tree. */
const FILES_MS = 30 * 60_000;

/** With one index or another, and never split: a part of it would be left behind. */
function withIndex(index: string, options: GitOptions): GitOptions {
  return {
    ...options,
    timeout: FILES_MS,
    env: { ...options.env, GIT_INDEX_FILE: index },
    settings: { ...options.settings, 'core.splitIndex': 'false' },
  };
}

/** A first time, after obstacles were looked for. git looks once more, and refuses before it changes anything. */
export async function moveTree({ tree, from, to }: TreeMove, options: GitOptions): Promise<void> {
  await copyIndex(tree, tree.mine, options);
  await git(tree.dir, ['read-tree', '-m', '-u', from, to], withIndex(tree.mine, options));
}

/** From wherever it was cut off. What the user has changed since is left, as a change of theirs. */
export async function finishTree(move: TreeMove, options: GitOptions): Promise<void> {
  const { tree, from, to } = move;
  await copyIndex(tree, tree.mine, options);
  // The index alone, whatever the files are.
  await git(tree.dir, ['read-tree', '-m', '-i', from, to], withIndex(tree.mine, options));
  await writeFiles(move, 'to', options);
  await refresh(tree.mine, tree, options);
}

/** The files as they were; the index has never been another. What the user has changed since is left as it is. */
export async function takeTreeBack(move: TreeMove, options: GitOptions): Promise<void> {
  try {
    await takeBack(move, options);
  } catch {
    // On a full disk there is no room for an index either.
    await makeRoom(move, options);
    await takeBack(move, options);
  }
}

async function takeBack(move: TreeMove, options: GitOptions): Promise<void> {
  const { tree, from, to } = move;
  await copyIndex(tree, tree.mine, options);
  await git(tree.dir, ['read-tree', '-m', '-i', from, to], withIndex(tree.mine, options));
  await writeFiles(move, 'from', options);
}

/** Removes what is as the new commit has it, or its beginning: git keeps all of that. Writes nothing. */
async function makeRoom(move: TreeMove, options: GitOptions): Promise<void> {
  const { dir } = move.tree;
  const there = move.entries.filter(
    ({ path: name, to }) => to !== null && thereAt(path.join(dir, name))?.isFile(),
  );
  const input = there.map(({ path: name }) => `${quoted(name)}\n`).join('');
  const hashes = await gitText(dir, ['hash-object', '--stdin-paths'], {
    ...withIndex(move.tree.index, options),
    input,
  });
  for (const [n, hash] of hashes.split('\n').entries()) {
    const entry = there[n];
    if (entry === undefined || hash === entry.from?.hash) continue;
    const stat = thereAt(path.join(dir, entry.path));
    if (stat === undefined || !(hash === entry.to?.hash || (await begun(move, entry, stat, options))))
      continue;
    fs.rmSync(path.join(dir, entry.path), { force: true });
  }
}

/** A name on a line, as git reads it. */
const quoted = (name: string): string => `"${name.replace(/["\\]/g, '\\$&').replaceAll('\n', '\\n')}"`;

async function copyIndex(tree: LockedTree, into: string, options: GitOptions): Promise<void> {
  fs.rmSync(`${into}.lock`, { force: true });
  fs.copyFileSync(tree.index, into);
  await refresh(into, tree, options);
}

/** What was touched and is the same again is no change. */
async function refresh(index: string, tree: LockedTree, options: GitOptions): Promise<void> {
  const args = ['update-index', '-q', '--refresh'];
  await git(tree.dir, args, { ...withIndex(index, options), answers: 'any' });
}

/** Writes what one of the commits has, wherever the other's is, or what was being written; `tree.mine` is the index of the new one. */
async function writeFiles(move: TreeMove, side: 'from' | 'to', options: GitOptions): Promise<void> {
  const { tree } = move;
  const old = `${tree.mine}.old`;
  try {
    await copyIndex(tree, old, options);
    const unlikeNew = await unlike(tree, tree.mine, options);
    const unlikeOld = await unlike(tree, old, options);
    const wanted: Entry[] = [];
    for (const entry of move.entries) {
      const there = thereAt(path.join(tree.dir, entry.path));
      const isTo = entry.to === null ? gone(there) : !unlikeNew.has(entry.path);
      const isFrom = entry.from === null ? gone(there) : !unlikeOld.has(entry.path);
      if (side === 'to' ? isTo : isFrom) continue;
      const ours = isTo || isFrom || there === undefined || (await begun(move, entry, there, options));
      if (ours) wanted.push(entry);
    }
    await put(tree, side === 'to' ? tree.mine : old, wanted, side, options);
  } finally {
    fs.rmSync(old, { force: true });
  }
}

/** A directory is there where a file was: its files are looked at by themselves. */
function gone(there: fs.BigIntStats | undefined): boolean {
  return there === undefined || there.isDirectory();
}

/** Whether a file is the beginning of what was being written there: it holds nothing that is not in one of the commits. */
async function begun(
  { tree, from, to }: TreeMove,
  entry: Entry,
  there: fs.BigIntStats,
  options: GitOptions,
): Promise<boolean> {
  if (!there.isFile()) return false;
  const text = fs.readFileSync(path.join(tree.dir, entry.path));
  for (const [commit, side] of [
    [to, entry.to],
    [from, entry.from],
  ] as const) {
    if (side === null || side.mode === SUBMODULE) continue;
    const args = ['cat-file', '--filters', `${commit}:${entry.path}`];
    const { stdout } = await git(tree.dir, args, { ...options, most: Math.max(1, text.length) });
    if (stdout.length >= text.length && text.equals(stdout.subarray(0, text.length))) return true;
  }
  return false;
}

/** Paths at which the tree is not as an index has it. */
async function unlike(tree: LockedTree, index: string, options: GitOptions): Promise<Set<string>> {
  const args = ['diff-files', '-z', '--name-only', '--no-ext-diff', '--ignore-submodules=all'];
  return new Set(await gitList(tree.dir, args, withIndex(index, options)));
}

/** Writes what an index has at some paths, and removes what it has not. */
async function put(
  tree: LockedTree,
  index: string,
  entries: readonly Entry[],
  side: 'from' | 'to',
  options: GitOptions,
): Promise<void> {
  // First what goes: a file may be where a directory is to be.
  for (const entry of entries) if (entry[side] === null) removeFile(tree.dir, entry.path);
  const written = entries.filter(
    (entry) => entry[side] !== null && entry[side]?.mode !== SUBMODULE && !isTaken(tree.dir, entry.path),
  );
  if (written.length === 0) return;
  const input = written.map(({ path: name }) => `${name}\0`).join('');
  const args = ['checkout-index', '-q', '-f', '-z', '--stdin'];
  await git(tree.dir, args, { ...withIndex(index, options), input });
}

/** By what came since: a directory with something in it, or a file where a directory is to be. git would remove it. */
function isTaken(dir: string, name: string): boolean {
  if (holdsFiles(path.join(dir, name))) return true;
  for (let above = path.posix.dirname(name); above !== '.'; above = path.posix.dirname(above)) {
    const there = thereAt(path.join(dir, above));
    if (there !== undefined) return !there.isDirectory();
  }
  return false;
}

/** With the directories that it leaves empty. */
function removeFile(dir: string, name: string): void {
  const file = path.join(dir, name);
  const there = thereAt(file);
  if (there === undefined || there.isDirectory()) return;
  fs.rmSync(file, { force: true });
  for (let above = path.posix.dirname(name); above !== '.'; above = path.posix.dirname(above)) {
    try {
      fs.rmdirSync(path.join(dir, above));
    } catch {
      return;
    }
  }
}
