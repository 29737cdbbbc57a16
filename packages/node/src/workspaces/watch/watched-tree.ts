/** Watches what is claimed of one workspace, and tells what was written there (rule W4). Does one thing at a time. */
import { SkeinError } from '@skein/protocol/errors';
import type { Folds } from '@skein/protocol/workspaces/patterns';
import { now } from './clock.ts';
import { Eyes } from './eyes.ts';
import { Ignoring } from './ignoring.ts';
import { Looking, SETTLE_MS, type Written } from './looking.ts';
import { type ClaimedGlobs, Tree } from './tree.ts';

/** Milliseconds for which events are gathered before anything is looked at. */
const GATHER_MS = 40;
/** Written paths that are told at a time. */
const MAX_TOLD = 2_000;

export interface WatchedTreeEvents {
  written(written: (Written & { claims: string[] })[]): void;
  watching(directories: number): void;
  missed(): void;
  /** It has stopped. */
  off(error: SkeinError): void;
  /** All that the system has told by now has been looked at. */
  rests?(): void;
}

export class WatchedTree {
  readonly #events: WatchedTreeEvents;
  readonly #aborted = new AbortController();
  readonly #eyes: Eyes;
  readonly #tree: Tree;
  readonly #looking: Looking;
  #changes: { added: ClaimedGlobs[]; removed: ClaimedGlobs[] }[] = [];
  #told = false;
  #missed: number | undefined;
  #timer: NodeJS.Timeout | undefined;
  #at = Number.POSITIVE_INFINITY;
  #working = false;

  constructor(root: string, folds: Folds, events: WatchedTreeEvents) {
    this.#events = events;
    this.#eyes = new Eyes(root, {
      seen: (dir, name) => this.#seen(dir, name),
      missed: () => {
        this.#missed ??= now();
        this.#wake(0);
      },
      failed: (error) => this.#off(error),
    });
    this.#tree = new Tree(root, folds, this.#eyes, new Ignoring(this.#aborted.signal));
    this.#looking = new Looking(this.#tree);
  }

  claims(added: ClaimedGlobs[], removed: ClaimedGlobs[]): void {
    this.#changes.push({ added, removed });
    this.#wake(0);
  }

  stop(): void {
    this.#aborted.abort();
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#eyes.stop();
  }

  #seen(dir: string, name: string): void {
    const directory = this.#tree.root?.find(dir);
    if (directory === undefined || directory.ignored.has(name)) return;
    this.#looking.tell(directory, name, now());
    this.#told = true;
    this.#wake(GATHER_MS);
  }

  /** Works in so many milliseconds at the latest. */
  #wake(after: number): void {
    const at = now() + after;
    if (this.#working || this.#aborted.signal.aborted || at >= this.#at) return;
    clearTimeout(this.#timer);
    this.#at = at;
    this.#timer = setTimeout(() => void this.#work(), after);
  }

  async #work(): Promise<void> {
    this.#at = Number.POSITIVE_INFINITY;
    this.#working = true;
    try {
      await this.#round();
    } catch (error) {
      if (!this.#aborted.signal.aborted) this.#off(SkeinError.from(error));
      return;
    } finally {
      this.#working = false;
    }
    if (this.#changes.length > 0 || this.#missed !== undefined) this.#wake(0);
    else if (this.#told) this.#wake(GATHER_MS);
    else if (this.#looking.waits) this.#wake(SETTLE_MS);
    else this.#events.rests?.();
  }

  async #round(): Promise<void> {
    this.#tree.check();
    const changes = this.#changes.splice(0);
    for (const { added, removed } of changes) await this.#tree.change(added, removed);
    if (this.#stopped()) return;
    if (changes.length > 0) this.#events.watching(this.#eyes.count);
    const missed = this.#missed;
    this.#missed = undefined;
    if (missed !== undefined) {
      this.#looking.tellAll(missed);
      this.#events.missed();
    }
    this.#told = false;
    const at = now();
    this.#tell(await this.#looking.look());
    if (!this.#stopped()) this.#tell(await this.#looking.heed(at));
  }

  #tell(written: readonly Written[]): void {
    const claimed = written.map((one) => ({ ...one, claims: [...this.#tree.wanted.claimsOf(one.path)] }));
    for (let from = 0; from < claimed.length && !this.#stopped(); from += MAX_TOLD)
      this.#events.written(claimed.slice(from, from + MAX_TOLD));
  }

  #stopped(): boolean {
    return this.#aborted.signal.aborted;
  }

  #off(error: SkeinError): void {
    if (this.#stopped()) return;
    this.stop();
    this.#events.off(error);
  }
}
