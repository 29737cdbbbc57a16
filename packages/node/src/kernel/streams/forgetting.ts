/** Removals of streams that are asked for together begin in one transaction, since each rewrites the anchors and looks at all receipts (L8). */
import { SkeinError } from '@skein/protocol/errors';

export interface Named {
  stream: number;
  name: string;
}

interface Means {
  /** Resolves when all that was decided before is durable, or failed. */
  settled(): Promise<void>;
  /** Has the writer forget them, all or none; resolves to the numbers of those that were there. */
  purge(streams: Named[]): Promise<number[]>;
  /** They are no more. */
  gone(streams: readonly Named[]): void;
}

interface Waiting extends Named {
  resolve(): void;
  reject(error: unknown): void;
}

/** Streams of one transaction: some ten milliseconds in which nothing is committed. */
const MOST = 128;

export class Forgetting {
  readonly #means: Means;
  #waiting: Waiting[] = [];
  #busy = false;

  constructor(means: Means) {
    this.#means = means;
  }

  /** Nothing may be decided for it any more. Resolves when it is no stream any more. */
  forget(one: Named): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ ...one, resolve, reject });
      if (!this.#busy) void this.#run();
    });
  }

  async #run(): Promise<void> {
    this.#busy = true;
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0, MOST);
      try {
        await this.#means.settled();
        const there = await this.#means.purge(batch.map(({ stream, name }) => ({ stream, name })));
        const went = batch.filter(({ stream }) => there.includes(stream));
        this.#means.gone(went);
        for (const { resolve } of went) resolve();
        for (const { name, reject } of batch) reject(new SkeinError('not_found', `There is no ${name}.`));
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    this.#busy = false;
  }
}
