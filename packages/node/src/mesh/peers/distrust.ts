/**
 * Whether direct paths to a peer are left alone (rule M5): one that comes about and then carries nothing, as where large
 * packets are lost on the way, would else be taken again every 15 s, each time at the cost of all that is under way. Pure.
 */

/** Breaks in a row that are put up with, and the milliseconds for which the next one counts; each doubles the last. */
const PUT_UP_WITH = 1;
const FIRST_MS = 30_000;
const LONGEST_MS = 8 * 60_000;
/** Milliseconds after which a break is forgotten, so that the longest still counts. */
const FORGOTTEN_MS = 2 * LONGEST_MS;

export class Distrust {
  #breaks = 0;
  #last = Number.NEGATIVE_INFINITY;
  #until = Number.NEGATIVE_INFINITY;
  #shunned = false;

  /** A direct path fell silent while it was used. */
  broke(now: number): void {
    if (now - this.#last > FORGOTTEN_MS) this.#breaks = 0;
    this.#last = now;
    const more = ++this.#breaks - PUT_UP_WITH;
    if (more > 0) this.#until = now + Math.min(LONGEST_MS, FIRST_MS * 2 ** (more - 1));
  }

  /** Whether relayed paths are better now. */
  shuns(now: number): boolean {
    const shunned = now < this.#until;
    this.#shunned = shunned;
    return shunned;
  }

  /** Whether that has come to its end since it was last asked. */
  isOver(now: number): boolean {
    return this.#shunned && now >= this.#until;
  }

  /** This machine's network is another: what was found out of the last says nothing. */
  forget(): void {
    this.#breaks = 0;
    this.#until = Number.NEGATIVE_INFINITY;
  }
}
