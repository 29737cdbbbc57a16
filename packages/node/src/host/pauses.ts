/** The pauses before what has failed is tried again: each time longer, until it has gone well for a while. */

/** Milliseconds: the first pause, the longest, and the time without a failure after which the next is a first again. */
const FIRST_MS = 100;
const MOST_MS = 5_000;
const CALM_MS = 60_000;

export class Pauses {
  #next = FIRST_MS;
  #last = Number.NEGATIVE_INFINITY;

  /** It has failed: milliseconds to wait. */
  next(): number {
    const now = performance.now();
    if (now - this.#last > CALM_MS) this.#next = FIRST_MS;
    this.#last = now;
    const pause = this.#next;
    this.#next = Math.min(2 * pause, MOST_MS);
    return pause;
  }
}
