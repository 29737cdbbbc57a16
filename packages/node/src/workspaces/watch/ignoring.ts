/**
 * Which paths git ignores, by git's own answer (rule W4): its rules in every directory, `info/exclude`, the user's own,
 * negations; what is tracked is not ignored, whatever the rules say.
 */
import fs from 'node:fs';
import path from 'node:path';
import { SkeinError } from '@skein/protocol/errors';
import { git, gitList, gitText, MOST_WHOLE } from '../git.ts';

interface Tracked {
  /** How the index looked, and how often rules had changed, when it was read. */
  at: string;
  /** Files that are tracked though rules ignore them, and the directories that they are in. */
  paths: Set<string>;
}

export class Ignoring {
  readonly #signal: AbortSignal;
  /** By repository: where its index is; null where there is no repository. */
  readonly #indexes = new Map<string, string | null>();
  readonly #tracked = new Map<string, Tracked>();
  #rules = 0;

  constructor(signal: AbortSignal) {
    this.#signal = signal;
  }

  /** Some rules have changed. */
  changed(): void {
    this.#rules += 1;
    // A repository may have been made since.
    this.#indexes.clear();
  }

  /**
   * Those of some paths, relative to a directory, that are ignored there. The directory is a repository's root, or within one, or
   * in none: then nothing is. No path leads through a link or into another repository below it.
   */
  async of(dir: string, paths: readonly string[]): Promise<Set<string>> {
    if (paths.length === 0) return new Set();
    const index = await this.#index(dir);
    if (index === null) return new Set();
    const ignored = await this.#ignored(dir, paths);
    if (ignored.size === 0) return ignored;
    const tracked = await this.#trackedIn(dir, index);
    for (const one of tracked) ignored.delete(one);
    return ignored;
  }

  async #ignored(dir: string, paths: readonly string[]): Promise<Set<string>> {
    // By the rules alone: holding each path against the whole index would take minutes.
    const args = ['check-ignore', '--no-index', '--stdin', '-z'];
    // A name that begins with ":" would be more than a name to git.
    const input = paths.map((one) => `./${one}\0`).join('');
    const said = await git(dir, args, { input, answers: 'any', most: MOST_WHOLE, signal: this.#signal });
    if (said.code <= 1) {
      const ignored = said.stdout.toString('utf8').split('\0').slice(0, -1);
      return new Set(ignored.map((one) => one.slice(2)));
    }
    // One that git will not judge (a link or a repository has come in its way) spoils the answer for all.
    if (paths.length === 1) return new Set();
    const half = paths.length >> 1;
    const [first, second] = [
      await this.#ignored(dir, paths.slice(0, half)),
      await this.#ignored(dir, paths.slice(half)),
    ];
    return new Set([...first, ...second]);
  }

  async #index(dir: string): Promise<string | null> {
    const known = this.#indexes.get(dir);
    if (known !== undefined) return known;
    let index: string | null;
    try {
      const given = await gitText(dir, ['rev-parse', '--git-path', 'index'], { signal: this.#signal });
      index = path.resolve(dir, given);
    } catch (error) {
      if (this.#signal.aborted) throw error;
      if (!['git_failed', 'git_missing', 'not_allowed'].includes(SkeinError.from(error).code)) throw error;
      index = null;
    }
    this.#indexes.set(dir, index);
    return index;
  }

  async #trackedIn(dir: string, index: string): Promise<Set<string>> {
    const stat = fs.statSync(index, { throwIfNoEntry: false });
    const at = `${this.#rules}:${stat?.ino}:${stat?.size}:${stat?.mtimeMs}`;
    const known = this.#tracked.get(dir);
    if (known?.at === at) return known.paths;
    const args = ['ls-files', '-z', '--cached', '--ignored', '--exclude-standard'];
    const paths = new Set<string>();
    for (const file of await gitList(dir, args, { signal: this.#signal })) {
      for (let one = file; one !== '.' && one !== '/' && !paths.has(one); one = path.posix.dirname(one))
        paths.add(one);
    }
    this.#tracked.set(dir, { at, paths });
    return paths;
  }
}
