/** Whose input a run gets, told when it is somebody else's than before: at most five times a second, and nobody is left out. */

/** Milliseconds between two tellings, so that two people who type at once do not flood the node. */
const TELL_MS = 200;
/** Of how many is told at once: those who typed last. */
const MOST = 32;

export interface Typed {
  /** In the node's words. */
  who: string;
  /** The length of the output when this one began to type. */
  offset: number;
}

/** Counted from 1 as they begin to type, so that whoever is told of one twice knows it. */
export interface Typist extends Typed {
  n: number;
}

export class Typing {
  readonly #changed: () => void;
  readonly #since = new Map<string, Typist>();
  #last: Typist | undefined;
  #told = Number.NEGATIVE_INFINITY;
  #timer: NodeJS.Timeout | undefined;

  constructor(changed: () => void) {
    this.#changed = changed;
  }

  get last(): Typed | undefined {
    return this.#last && { who: this.#last.who, offset: this.#last.offset };
  }

  /** Each who typed since the node was told, in the order in which they last began to. */
  get since(): Typist[] {
    return [...this.#since.values()];
  }

  by(who: string, offset: number): void {
    if (this.#last?.who === who) return;
    this.#last = { who, offset, n: (this.#last?.n ?? 0) + 1 };
    this.#since.delete(who);
    this.#since.set(who, this.#last);
    const [oldest] = this.#since.keys();
    if (oldest !== undefined && this.#since.size > MOST) this.#since.delete(oldest);
    if (this.#timer !== undefined) return;
    const wait = this.#told + TELL_MS - performance.now();
    if (wait <= 0) this.#tell();
    else this.#timer = setTimeout(() => this.#tell(), wait).unref();
  }

  /** The node has been told. */
  told(): void {
    this.#since.clear();
  }

  /** The program has ended: what waits is told now. */
  end(): void {
    if (this.#timer !== undefined) this.#tell();
  }

  #tell(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#told = performance.now();
    this.#changed();
  }
}
