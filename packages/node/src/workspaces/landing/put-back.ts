/**
 * Keeps what a tree's index is before its work is committed for a landing, and puts it back when that stops: what was not committed is
 * then as it was, staged or not, also where the node was killed in between. Files are touched by neither.
 */
import fs from 'node:fs';
import path from 'node:path';
import { makeDir } from '../../platform/files.ts';
import { type GitOptions, git, gitText } from '../git.ts';
import { copyIndex } from '../index-copy.ts';
import { lockAll } from './branch-trees.ts';
import { broughtSoFar, type Kept, noteKept, reflogOf, treeOfIndex } from './kept.ts';
import { LandingStop } from './stop.ts';
import { treeFiles, unlockTree } from './tree-lock.ts';
import { underWay } from './under-way.ts';
import type { Work } from './work.ts';

export class Uncommitted {
  readonly #dir: string;
  readonly #work: Work;
  /** A copy of the index. */
  readonly #kept: string;
  readonly #options: GitOptions;
  /** In the reflog, with the commit that the landing makes. */
  readonly reflog: string;
  /** What the landing has made of the index, as a tree; undefined while it is as it was. */
  #staged: string | undefined;
  /** The landing's own commit of it. */
  #head: string | undefined;

  private constructor(dir: string, work: Work, { kept, landing }: Kept, options: GitOptions) {
    this.#dir = dir;
    this.#work = work;
    this.#kept = kept;
    this.reflog = reflogOf(landing);
    this.#options = options;
  }

  /** Of a tree; what is in the way of a landing that a killed node had begun is known again, if nobody has gone on there. */
  static async of(dir: string, work: Work, how: Kept, options: GitOptions): Promise<Uncommitted> {
    const before = await broughtSoFar(dir, work, how, options);
    if (before !== undefined) {
      const one = new Uncommitted(dir, { ...work, tip: before.tip }, how, options);
      one.#staged = before.staged;
      one.#head = before.head;
      return one;
    }
    const { index } = await treeFiles(dir, '', options);
    makeDir(path.dirname(how.kept));
    fs.rmSync(how.kept, { force: true });
    copyIndex(index, how.kept);
    noteKept(how, work);
    return new Uncommitted(dir, work, how, options);
  }

  /** All of it is staged now. */
  async staged(): Promise<void> {
    this.#staged = await gitText(this.#dir, ['write-tree'], this.#options);
  }

  /** It is committed now; a hook may have changed what. */
  async committed(head: string): Promise<void> {
    this.#head = head;
    this.#staged = await gitText(this.#dir, ['rev-parse', `${head}^{tree}`], this.#options);
  }

  /** Where it stops: returns why, with what could not be put back since others have gone on there. */
  async putBack(landing: string, why: unknown): Promise<unknown> {
    if (this.#staged === undefined) return why;
    const back = await this.#back(workId(landing)).catch(() => false);
    if (back || !(why instanceof LandingStop)) return why;
    const where = this.#head === undefined ? 'staged' : `in commit ${this.#head.slice(0, 10)}`;
    const message = `${why.message}\nWhat was not committed in ${this.#dir} is ${where} now.`;
    return new LandingStop(message, why);
  }

  async #back(id: string): Promise<boolean> {
    const { branch, tip } = this.#work;
    const head = this.#head ?? tip;
    const trees = await lockAll(id, async () => [await treeFiles(this.#dir, id, this.#options)]);
    let back = false;
    try {
      for (const { index, mine } of trees) {
        copyIndex(index, mine);
        if (!(await this.#isAsLeft(mine, head))) return false;
        copyIndex(this.#kept, mine);
        const move = ['update-ref', '-m', 'skein land: stopped', `refs/heads/${branch}`, tip, head];
        if (head !== tip) await git(this.#dir, move, this.#options);
        back = true;
      }
      return true;
    } finally {
      for (const tree of trees) unlockTree(tree, id, back);
    }
  }

  /** Nobody has staged, committed or begun anything since. */
  async #isAsLeft(index: string, head: string): Promise<boolean> {
    const { branch } = this.#work;
    const at = await gitText(this.#dir, ['rev-parse', 'HEAD'], this.#options);
    const on = await gitText(this.#dir, ['symbolic-ref', 'HEAD'], this.#options);
    if (at !== head || on !== `refs/heads/${branch}`) return false;
    if ((await underWay(this.#dir, this.#options)) !== undefined) return false;
    return (await treeOfIndex(this.#dir, index, this.#options)) === this.#staged;
  }
}

/** By which the tree is locked meanwhile. */
const workId = (landing: string) => `${landing}-work`;

/** What a killed node has left locked: it is to be committed again anyway. */
export async function letGo(dir: string, landing: string, options: GitOptions): Promise<void> {
  const tree = await treeFiles(dir, workId(landing), options).catch(() => undefined);
  if (tree !== undefined) unlockTree(tree, workId(landing), false);
}
