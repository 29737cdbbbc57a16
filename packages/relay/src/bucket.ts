/** Bytes a second, as a bucket that fills: who finds it empty waits until the wheel comes round (rule R3). */
import type { Timed, Wheel } from './wheel.ts';

/** Something that can be held back: it counts how many buckets hold it. */
export interface Held {
  hold(): void;
  release(): void;
}

/** Holds what may be used in a second; a chunk may overdraw it, which is paid back before the next. */
export class Bucket implements Timed {
  readonly #wheel: Wheel;
  readonly #perMs: number;
  readonly #size: number;
  readonly #waiting = new Set<Held>();
  #level: number;
  #at: number;
  due = 0;

  constructor(wheel: Wheel, perSecond: number) {
    this.#wheel = wheel;
    this.#perMs = perSecond / 1000;
    this.#size = perSecond;
    this.#level = perSecond;
    this.#at = wheel.now;
  }

  /** Takes bytes out, and holds whoever brought them when that leaves the bucket empty. */
  charge(bytes: number, held: Held): void {
    this.#fill();
    this.#level -= bytes;
    if (this.#level > 0 || this.#waiting.has(held)) return;
    held.hold();
    this.#waiting.add(held);
    if (this.#waiting.size > 1) return;
    this.due = this.#wheel.now - this.#level / this.#perMs;
    this.#wheel.add(this);
  }

  /** Whether it holds all it can: who comes back to a new one gains nothing. */
  get full(): boolean {
    this.#fill();
    return this.#level === this.#size;
  }

  /** Whoever waits here is gone. */
  forget(held: Held): void {
    this.#waiting.delete(held);
  }

  expire(now: number): void {
    this.#fill();
    if (this.#level <= 0) {
      this.due = now - this.#level / this.#perMs;
      this.#wheel.add(this);
      return;
    }
    const freed = [...this.#waiting];
    this.#waiting.clear();
    for (const held of freed) held.release();
  }

  #fill(): void {
    const now = this.#wheel.now;
    this.#level = Math.min(this.#size, this.#level + (now - this.#at) * this.#perMs);
    this.#at = now;
  }
}
