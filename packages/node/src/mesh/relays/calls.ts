/**
 * Calls through a relay that have not yet proved who they are (rule C5). It says whom they are from: those whom nobody knows
 * have places of their own, so that whoever calls and says nothing keeps no one out who is known.
 */

/** Calls at once of those who are known, and of one of them. */
const KNOWN_MAX = 32;
const PER_KNOWN = 8;
/** The same of strangers. */
const STRANGERS_MAX = 128;
const PER_STRANGER = 4;

export class Calls {
  readonly #known = new Places(KNOWN_MAX, PER_KNOWN);
  readonly #strangers = new Places(STRANGERS_MAX, PER_STRANGER);

  /** Takes a place, and returns what gives it back; undefined when there is none. */
  begin(from: string, known: boolean): (() => void) | undefined {
    return (known ? this.#known : this.#strangers).take(from);
  }
}

class Places {
  readonly #most: number;
  readonly #each: number;
  readonly #taken = new Map<string, number>();
  #all = 0;

  constructor(most: number, each: number) {
    this.#most = most;
    this.#each = each;
  }

  take(from: string): (() => void) | undefined {
    const mine = this.#taken.get(from) ?? 0;
    if (this.#all >= this.#most || mine >= this.#each) return undefined;
    this.#all++;
    this.#taken.set(from, mine + 1);
    return () => {
      this.#all--;
      const left = (this.#taken.get(from) ?? 1) - 1;
      if (left > 0) this.#taken.set(from, left);
      else this.#taken.delete(from);
    };
  }
}
