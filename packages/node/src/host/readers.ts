/** Who still reads what has ended: a host that nobody else needs stays for them, as long as they go on reading (rules C2, H1). */
import type { Hosted } from './hosted.ts';

/** Milliseconds in which they must have read something, and from one look to the next. */
const STALLED_MS = 10_000;
const LOOK_MS = 250;

export class Readers {
  readonly #held: () => Iterable<{ hosted: Hosted }>;
  /** Runs that the node has recorded, and that are not held any more. */
  readonly #reaped = new Set<Hosted>();
  #behind = 0;
  #since = Number.NEGATIVE_INFINITY;
  #timer: NodeJS.Timeout | undefined;

  /** `held`: the runs that are not reaped. */
  constructor(held: () => Iterable<{ hosted: Hosted }>) {
    this.#held = held;
  }

  reaped(run: Hosted): void {
    if (run.viewers.size > 0) this.#reaped.add(run);
  }

  /** Whether somebody reads on. To be asked from time to time: that is what it is seen by. */
  get reading(): boolean {
    const before = this.#behind;
    this.#behind = 0;
    for (const run of this.#reaped) if (run.viewers.size === 0) this.#reaped.delete(run);
    const runs = [...this.#reaped, ...[...this.#held()].map(({ hosted }) => hosted)];
    const viewers = runs.flatMap((run) => [...run.viewers]);
    for (const { lag } of viewers) this.#behind += lag;
    const now = performance.now();
    if (this.#behind !== before) this.#since = now;
    return viewers.length > 0 && now - this.#since < STALLED_MS;
  }

  /** Acts once nobody reads on. The last that was asked for counts. */
  whenGone(act: () => void): void {
    clearTimeout(this.#timer);
    if (this.reading) this.#timer = setTimeout(() => this.whenGone(act), LOOK_MS);
    else act();
  }
}
