/** A workspace's directory of a test's own, watched as the worker watches it. */
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { SkeinError } from '@skein/protocol/errors';
import type { Folds } from '@skein/protocol/workspaces/patterns';
import { gitEnvironment } from '../git.ts';
import type { Written } from './looking.ts';
import { WatchedTree } from './watched-tree.ts';

/** In memory where that can be had: thousands of files on a disk that others write to as well would take minutes. */
const PLACE = fs.existsSync('/dev/shm') ? '/dev/shm' : os.tmpdir();

export type Told = Written & { claims: string[] };

export class WatchedFixture implements Disposable {
  readonly root = fs.realpathSync(fs.mkdtempSync(path.join(PLACE, 'skein-watch-')));
  readonly told: Told[] = [];
  directories = 0;
  missed = 0;
  error: SkeinError | undefined;
  /** What had been told when last nothing was left to look at. */
  #rested: Told[] = [];
  #tree: WatchedTree | undefined;
  readonly #waiting = new Set<() => void>();

  /** Resolves when the claims are watched. */
  async watch(
    globs: Record<string, string[]>,
    folds: Folds = { case: false, unicode: false },
  ): Promise<void> {
    this.#tree = new WatchedTree(this.root, folds, {
      written: (written) => {
        this.told.push(...written);
        this.#wake();
      },
      watching: (directories) => {
        this.directories = directories;
        this.#wake();
      },
      missed: () => {
        this.missed += 1;
        this.#wake();
      },
      off: (error) => {
        this.error = error;
        this.#wake();
      },
      rests: () => {
        this.#rested = [...this.told];
        this.#wake();
      },
    });
    await this.claims(globs, {});
  }

  async claims(added: Record<string, string[]>, removed: Record<string, string[]>): Promise<void> {
    const list = (claims: Record<string, string[]>) =>
      Object.entries(claims).map(([claim, globs]) => ({ claim, globs }));
    this.directories = -1;
    this.#tree?.claims(list(added), list(removed));
    await this.until(() => this.directories !== -1 || this.error !== undefined);
  }

  async until(fits: () => boolean): Promise<void> {
    while (!fits()) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#waiting.add(resolve);
      await promise;
    }
  }

  /** Everything that was told up to a write that is made now: `sentinel` must be claimed. */
  async all(sentinel: string): Promise<Told[]> {
    const mark = `${Math.random()}`;
    this.write(sentinel, mark);
    await this.until(() => this.#rested.some((one) => one.path === sentinel));
    const before = this.told.filter((one) => one.path !== sentinel);
    this.told.length = 0;
    this.#rested = [];
    return before;
  }

  write(file: string, text: string): void {
    const whole = path.join(this.root, file);
    fs.mkdirSync(path.dirname(whole), { recursive: true });
    fs.writeFileSync(whole, text);
  }

  path(file: string): string {
    return path.join(this.root, file);
  }

  git(...args: string[]): string {
    const identity = ['-c', 'user.name=a', '-c', 'user.email=a@b.example', '-c', 'commit.gpgsign=false'];
    return execFileSync('git', [...identity, ...args], {
      cwd: this.root,
      env: gitEnvironment(),
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
  }

  [Symbol.dispose](): void {
    this.#tree?.stop();
    fs.rmSync(this.root, { recursive: true, force: true });
  }

  #wake(): void {
    for (const resolve of this.#waiting) resolve();
    this.#waiting.clear();
  }
}
