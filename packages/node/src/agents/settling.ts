/**
 * Waits until an agent that goes on with its own session has told all of its past (rule A6). Some say that they are ready before,
 * and nothing says when they are through: a prompt given meanwhile would have the past told as its answer.
 */

/** Milliseconds of silence after which it counts as told. */
const SILENCE_MS = 150;
/** The same for one that is never silent, since it was begun with. */
const LONGEST_MS = 3_000;

export class Settling {
  readonly #wake: () => void;
  readonly #began = performance.now();
  #heard = this.#began;
  #done = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(wake: () => void) {
    this.#wake = wake;
  }

  /** It printed something. */
  heard(): void {
    this.#heard = performance.now();
  }

  /** Whether its first prompt may be given; if not yet, `wake` is called when to ask again. */
  isOver(resumed: boolean): boolean {
    const until = Math.min(this.#heard + SILENCE_MS, this.#began + LONGEST_MS);
    const left = until - performance.now();
    this.#done ||= !resumed || left <= 0;
    if (!this.#done) {
      clearTimeout(this.#timer);
      this.#timer = setTimeout(this.#wake, left).unref();
    }
    return this.#done;
  }

  stop(): void {
    clearTimeout(this.#timer);
  }
}
