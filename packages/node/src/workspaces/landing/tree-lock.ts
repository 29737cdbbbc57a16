/**
 * Keeps git out of a tree's index while a landing changes the tree: by git's own lock, `index.lock`, with the landing's name in it,
 * so that after a crash it is known for ours. Whoever runs git there meanwhile is told by git that another is at work.
 */
import fs from 'node:fs';
import path from 'node:path';
import { isCode } from '../../platform/files.ts';
import { type GitOptions, gitText } from '../git.ts';

export interface LockedTree {
  dir: string;
  /** Its index as it is for everybody. */
  index: string;
  /** The one that the landing makes meanwhile; it takes the index's place in the end. */
  mine: string;
}

const WORDS = 'skein landing ';
const text = (id: string) => `${WORDS}${id}\n`;

export async function treeFiles(dir: string, id: string, options: GitOptions): Promise<LockedTree> {
  const asked = ['rev-parse', '--path-format=absolute', '--git-path', 'index'];
  const index = await gitText(dir, asked, options);
  return { dir, index, mine: path.join(path.dirname(index), `skein-${id}.index`) };
}

/** Whether a landing holds a tree, or held it when the node was killed. */
export function holds(tree: Pick<LockedTree, 'index'>, id: string): boolean {
  return lockText(tree) === text(id);
}

/** Whether any landing does. */
export function isLandings(tree: LockedTree): boolean {
  return lockText(tree)?.startsWith(WORDS) === true;
}

function lockText({ index }: Pick<LockedTree, 'index'>): string | undefined {
  try {
    return fs.readFileSync(`${index}.lock`, 'utf8');
  } catch {
    return undefined;
  }
}

/** Whether anybody holds it. */
export function isLocked(tree: LockedTree): boolean {
  return fs.existsSync(`${tree.index}.lock`);
}

/** False when somebody is at work there. */
export function lockTree(tree: LockedTree, id: string): boolean {
  return holds(tree, id) || placed(`${tree.index}.lock`, id);
}

/** Whole or not at all: a lock without its words would be nobody's. */
function placed(lock: string, id: string): boolean {
  const beside = path.join(path.dirname(lock), `skein-${id}.lock`);
  fs.writeFileSync(beside, text(id));
  try {
    fs.linkSync(beside, lock);
    return true;
  } catch (error) {
    if (isCode(error, 'EEXIST')) return false;
    // A disk without hard links.
    return written(lock, id);
  } finally {
    fs.rmSync(beside, { force: true });
  }
}

function written(lock: string, id: string): boolean {
  try {
    fs.writeFileSync(lock, text(id), { flag: 'wx' });
    return true;
  } catch (error) {
    if (isCode(error, 'EEXIST')) return false;
    throw error;
  }
}

/** Lets go; `install` puts the landing's index in its place first. */
export function unlockTree(tree: LockedTree, id: string, install: boolean): void {
  if (!holds(tree, id)) return;
  if (install) fs.renameSync(tree.mine, tree.index);
  for (const left of [tree.mine, `${tree.mine}.lock`]) fs.rmSync(left, { force: true });
  fs.rmSync(`${tree.index}.lock`, { force: true });
}
