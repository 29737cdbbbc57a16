/**
 * One timer for every deadline of the relay: thousands of idle connections must cost neither a timer each, nor work
 * when their deadlines move (rule R4).
 */

/** Milliseconds between two looks: how much later than its deadline something may end. */
export const TICK_MS = 250;
/** One turn is 64 s; what is due later than that waits another turn. */
const SLOTS = 256;

/**
 * Something with a deadline. `due` may be moved to a later time at will, which costs nothing: it is looked at when the old
 * one comes. To bring it nearer, add it again.
 */
export interface Timed {
  /** Milliseconds on the wheel's clock. */
  due: number;
  /** Where the wheel keeps it; nobody else's business. */
  slot?: Set<Timed> | undefined;
  /** The deadline has passed; it is no longer on the wheel. */
  expire(now: number): void;
}

export class Wheel {
  readonly #slots = Array.from({ length: SLOTS }, () => new Set<Timed>());
  #tick = 0;
  #timer: NodeJS.Timeout | undefined;
  /** Milliseconds on a clock that never goes back, as of the last look. */
  now = 0;

  start(clock: () => number = () => performance.now()): void {
    this.now = clock();
    this.#tick = Math.floor(this.now / TICK_MS);
    this.#timer = setInterval(() => this.advance(clock()), TICK_MS);
  }

  stop(): void {
    clearInterval(this.#timer);
    for (const slot of this.#slots) slot.clear();
  }

  /** Puts it at its deadline, or moves it there. */
  add(item: Timed): void {
    this.delete(item);
    this.#put(item);
  }

  delete(item: Timed): void {
    item.slot?.delete(item);
    item.slot = undefined;
  }

  /** Ends what is due. After a long pause of the process every slot is looked at, each once. */
  advance(now: number): void {
    this.now = now;
    const tick = Math.floor(now / TICK_MS);
    const first = Math.max(this.#tick + 1, tick - SLOTS + 1);
    this.#tick = tick;
    for (let at = first; at <= tick; at++) this.#look(this.#slots[at % SLOTS] as Set<Timed>, now);
  }

  #look(slot: Set<Timed>, now: number): void {
    // A copy: what ends may add, take away, or move others.
    for (const item of [...slot]) {
      if (item.slot !== slot) continue;
      this.delete(item);
      if (item.due <= now) item.expire(now);
      else this.#put(item);
    }
  }

  /** In the slot that is looked at first when the deadline has passed, and never in one of the past. */
  #put(item: Timed): void {
    const tick = Math.max(Math.ceil(item.due / TICK_MS), this.#tick + 1);
    const slot = this.#slots[tick % SLOTS] as Set<Timed>;
    slot.add(item);
    item.slot = slot;
  }
}
