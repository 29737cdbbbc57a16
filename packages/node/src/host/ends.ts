/** How programs have ended, on disk until the node has taken it (rules H2, H4): what a full disk refuses is tried again. */
import fs from 'node:fs';
import type { Exit, Hosted } from './hosted.ts';
import { exitKept, writeExit } from './run-files.ts';

/** Milliseconds from one try to the next. */
const AGAIN_MS = 1_000;

type Ended = Pick<Hosted, 'dir' | 'keep'>;

export class Ends {
  readonly #allKept: () => void;
  /** Of whose end something is not on disk yet, and what writes how it was: says whether that is durable. */
  readonly #owed = new Map<Ended, () => boolean>();
  /** One after the other, so that a slow disk leaves threads for what programs print. */
  #syncing: Promise<void> = Promise.resolve();
  #timer: NodeJS.Timeout | undefined;

  /** `allKept` is called when nothing is owed any more. */
  constructor(allKept: () => void) {
    this.#allKept = allKept;
  }

  /** Whether all is on disk; else this process alone knows it. */
  get kept(): boolean {
    return this.#owed.size === 0;
  }

  keep(run: Ended, exit: Exit): void {
    const record = { ...exit, at: Date.now() };
    let state: 'none' | 'written' | 'durable' = 'none';
    this.#owed.set(run, () => {
      if (state === 'none') {
        writeExit(run.dir, record);
        state = 'written';
        this.#sync(run, (durable) => (state = durable ? 'durable' : 'none'));
      }
      return state === 'durable';
    });
    if (!this.#isKept(run)) this.#later();
  }

  /** The node has recorded it. */
  taken(run: Ended | undefined): void {
    if (run !== undefined) this.#owed.delete(run);
  }

  /** The loop does not wait: it carries what other programs print. */
  #sync(run: Ended, told: (durable: boolean) => void): void {
    const sync = () => exitKept(run.dir);
    this.#syncing = this.#syncing.then(sync).then(
      () => {
        told(true);
        if (this.#owed.has(run) && this.#isKept(run) && this.kept) this.#allKept();
      },
      () => told(false),
    );
  }

  #isKept(run: Ended): boolean {
    try {
      // Gone with the home, nobody asks for it.
      if (fs.existsSync(run.dir)) {
        const durable = this.#owed.get(run)?.() ?? true;
        if (!run.keep() || !durable) return false;
      }
    } catch {
      return false;
    }
    return this.#owed.delete(run);
  }

  #later(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      if (this.kept) return;
      for (const run of this.#owed.keys()) this.#isKept(run);
      if (this.kept) this.#allKept();
      else this.#later();
    }, AGAIN_MS).unref();
  }
}
