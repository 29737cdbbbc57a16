/**
 * Gives buffers back that nobody holds any more, before they are many. V8 collects when its own heap has grown; a thread that
 * only passes bytes on hardly grows it, and would let 64 MiB of them lie beside a heap of seven.
 */
import v8 from 'node:v8';

const MIB = 2 ** 20;
/** Bytes outside the heap, more than at the last collection, that are worth the millisecond of a small one. */
const WORTH = 8 * MIB;
/** And those that small collections have left, which are worth a whole one: about a millisecond for each MiB of heap. */
const WORTH_ALL = 16 * MIB;
/** Bytes of something let go of that are worth that too. */
const LARGE = 2 * MIB;

interface Means {
  collect(kind: 'minor' | 'major'): void;
  /** Bytes outside the heap that it is accountable for. */
  outside(): number;
}

const V8: Means = {
  // There where Node was started with it (NODE_FLAGS).
  collect: (type) => void (globalThis.gc as ((options: { type: string }) => void) | undefined)?.({ type }),
  outside: () => v8.getHeapStatistics().external_memory,
};

export class OffHeap {
  readonly #means: Means;
  #left: number;
  #leftByAll: number;
  #released = 0;

  constructor(means: Means = V8) {
    this.#means = means;
    this.#left = means.outside();
    this.#leftByAll = this.#left;
  }

  /**
   * So many bytes, with copies of them in the heap, are nobody's any more: what is as large as that is found by none but a
   * whole collection, which the next look makes.
   */
  released(bytes: number): void {
    this.#released += bytes;
  }

  /** Looks whether it is time. Costs half a microsecond; call it where bytes have passed and none is in use. */
  look(): void {
    const now = this.#means.outside();
    // What a collection has found is freed by another thread, a little later.
    this.#left = Math.min(this.#left, now);
    this.#leftByAll = Math.min(this.#leftByAll, now);
    const all = now - this.#leftByAll >= WORTH_ALL || this.#released >= LARGE;
    if (now - this.#left < WORTH && this.#released < LARGE) return;
    this.#means.collect(all ? 'major' : 'minor');
    this.#left = this.#means.outside();
    if (!all) return;
    this.#leftByAll = this.#left;
    this.#released = 0;
  }
}

/** That of this thread, for all whose business is to pass bytes on. */
export const offHeap = new OffHeap();
