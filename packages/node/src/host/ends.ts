/** How programs have ended, on disk until the node has taken it (rules H2, H4): what a full disk refuses is tried again. */
import fs from 'node:fs';
import type { Exit, Hosted } from './hosted.ts';
import { writeExit } from './run-files.ts';

/** Milliseconds from one try to the next. */
const AGAIN_MS = 1_000;

type Ended = Pick<Hosted, 'dir' | 'keep'>;

export class Ends {
  readonly #allKept: () => void;
  /** Of whose end something is not on disk yet, and what writes how it was. */
  readonly #owed = new Map<Ended, () => void>();
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
    let written = false;
    this.#owed.set(run, () => {
      if (!written) writeExit(run.dir, record);
      written = true;
    });
    if (!this.#isKept(run)) this.#later();
  }

  /** The node has recorded it. */
  taken(run: Ended | undefined): void {
    if (run !== undefined) this.#owed.delete(run);
  }

  #isKept(run: Ended): boolean {
    try {
      // Gone with the home, nobody asks for it.
      if (fs.existsSync(run.dir)) {
        this.#owed.get(run)?.();
        if (!run.keep()) return false;
      }
    } catch {
      return false;
    }
    return this.#owed.delete(run);
  }

  #later(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      for (const run of this.#owed.keys()) this.#isKept(run);
      if (this.kept) this.#allKept();
      else this.#later();
    }, AGAIN_MS).unref();
  }
}
