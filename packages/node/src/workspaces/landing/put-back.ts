/**
 * Keeps what a tree's index is before its work is committed for a landing, and puts it back when that stops: what was not committed is
 * then as it was, staged or not. Files are touched by neither.
 */
import path from 'node:path';
import { makeDir } from '../../platform/files.ts';
import { type GitOptions, git, gitText } from '../git.ts';
import { copyIndex } from '../index-copy.ts';
import { lockAll } from './branch-trees.ts';
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
  /** What the landing has made of the index, as a tree; undefined while it is as it was. */
  #staged: string | undefined;
  /** The landing's own commit of it. */
  #head: string | undefined;

  private constructor(dir: string, work: Work, kept: string, options: GitOptions) {
    this.#dir = dir;
    this.#work = work;
    this.#kept = kept;
    this.#options = options;
  }

  /** Of a tree; `kept` is a file for a copy of its index. */
  static async of(dir: string, work: Work, kept: string, options: GitOptions): Promise<Uncommitted> {
    const { index } = await treeFiles(dir, '', options);
    makeDir(path.dirname(kept));
    copyIndex(index, kept);
    return new Uncommitted(dir, work, kept, options);
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
    const env = { ...this.#options.env, GIT_INDEX_FILE: index };
    const settings = { ...this.#options.settings, 'core.splitIndex': 'false' };
    const tree = await gitText(this.#dir, ['write-tree'], { ...this.#options, env, settings });
    return tree === this.#staged;
  }
}

/** By which the tree is locked meanwhile. */
const workId = (landing: string) => `${landing}-work`;

/** What a killed node has left locked: it is to be committed again anyway. */
export async function letGo(dir: string, landing: string, options: GitOptions): Promise<void> {
  const tree = await treeFiles(dir, workId(landing), options).catch(() => undefined);
  if (tree !== undefined) unlockTree(tree, workId(landing), false);
}
