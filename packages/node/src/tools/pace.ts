/** How many calls each caller has under way, and has made within the minute. Pure but for the clock. */
const WINDOW_MS = 60_000;

interface Paced {
  under: number;
  since: number;
  n: number;
}

export class Pace {
  readonly #atOnce: number;
  readonly #aMinute: number;
  readonly #now: () => number;
  readonly #callers = new Map<string, Paced>();

  constructor(atOnce: number, aMinute: number, now = () => performance.now()) {
    this.#atOnce = atOnce;
    this.#aMinute = aMinute;
    this.#now = now;
  }

  /** False when it may not now; else `end` is to be called once. */
  begin(caller: string): boolean {
    const now = this.#now();
    const was = this.#callers.get(caller) ?? { under: 0, since: now, n: 0 };
    const one = now - was.since < WINDOW_MS ? was : { ...was, since: now, n: 0 };
    if (one.under >= this.#atOnce || one.n >= this.#aMinute) return false;
    this.#forget(now);
    this.#callers.set(caller, { ...one, under: one.under + 1, n: one.n + 1 });
    return true;
  }

  end(caller: string): void {
    const was = this.#callers.get(caller);
    if (was !== undefined) this.#callers.set(caller, { ...was, under: was.under - 1 });
  }

  /** Those that have called nothing for a minute take no room. */
  #forget(now: number): void {
    for (const [caller, { under, since }] of this.#callers)
      if (under === 0 && now - since >= WINDOW_MS) this.#callers.delete(caller);
  }
}
