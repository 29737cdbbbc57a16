/**
 * How often what an agent tells becomes a transaction: what streams is gathered, and what floods is taken as it comes, for half
 * of the time at most, so that others are served beside it.
 */
import { performance } from 'node:perf_hooks';

/** Milliseconds between two transactions of one agent that only tells. */
const PACE_MS = 16;

export class Pace {
  readonly #now: () => number;
  #began = 0;
  #cost = 0;
  #last = Number.NEGATIVE_INFINITY;

  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** Milliseconds to wait before the next one; `plenty`: as much waits as one takes. */
  wait(plenty: boolean): number {
    return Math.max(0, (plenty ? Math.min(this.#cost, PACE_MS) : PACE_MS) - (this.#now() - this.#last));
  }

  /** One begins to be made, and all that nobody else could do anything beside is done. */
  begin(): void {
    this.#began = this.#now();
  }
  made(): void {
    this.#cost = this.#now() - this.#began;
  }

  /** It is durable. */
  over(): void {
    this.#last = this.#now();
  }
}
