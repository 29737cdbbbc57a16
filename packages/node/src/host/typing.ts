/** Whose input a run got last, told when it is somebody else's than before: at most five times a second. */

/** Milliseconds between two tellings, so that two people who type at once do not flood the node. */
const TELL_MS = 200;

export interface Typed {
  /** In the node's words. */
  who: string;
  /** The length of the output when this one began to type. */
  offset: number;
}

export class Typing {
  readonly #changed: () => void;
  #last: Typed | undefined;
  #told = Number.NEGATIVE_INFINITY;
  #timer: NodeJS.Timeout | undefined;

  constructor(changed: () => void) {
    this.#changed = changed;
  }

  get last(): Typed | undefined {
    return this.#last;
  }

  by(who: string, offset: number): void {
    if (this.#last?.who === who) return;
    this.#last = { who, offset };
    if (this.#timer !== undefined) return;
    const wait = this.#told + TELL_MS - performance.now();
    if (wait <= 0) this.#tell();
    else this.#timer = setTimeout(() => this.#tell(), wait).unref();
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #tell(): void {
    this.#timer = undefined;
    this.#told = performance.now();
    this.#changed();
  }
}
