/** Gives memory back once the process has come to rest: V8 collects when more is asked for, so what a burst left would stay. */
import { performance } from 'node:perf_hooks';
import v8 from 'node:v8';

const MIB = 2 ** 20;
/** Milliseconds from one look to the next. */
const LOOK_MS = 5_000;
/** The share of the time since the last look that a loop at rest was busy for, at most. */
const AT_REST = 0.005;
/**
 * Bytes that the heap has grown by since it was last collected. It leaves the young part small, which V8 then collects by
 * itself long before this, so that somebody who types, and is rest by our measure, is not made to wait for it.
 */
const WORTH = 2 * MIB;
/** Bytes of heap, at most: collecting takes about a millisecond for each MiB, for which all else waits. */
const LARGEST = 32 * MIB;

interface Looked {
  /** Share of the time that the loop was busy for, 0 to 1. */
  busy: number;
  /** Bytes in use now, and when it was last collected; 0 before the first time. */
  used: number;
  left: number;
}

/** Whether to collect now. */
export function worthIt({ busy, used, left }: Looked): boolean {
  return busy <= AT_REST && used - left >= WORTH && used <= LARGEST;
}

interface Means {
  /** V8's own, where Node was started with it (NODE_FLAGS). */
  collect(): void;
  /** Bytes of heap in use. */
  used(): number;
  /** Milliseconds from one look to the next. */
  every: number;
}

const V8: Means = {
  collect: () => globalThis.gc?.(),
  used: () => v8.getHeapStatistics().used_heap_size,
  every: LOOK_MS,
};

export class Resting {
  readonly #means: Means;
  #timer: NodeJS.Timeout | undefined;
  #looked = performance.eventLoopUtilization();
  #left = 0;

  constructor(means: Means = V8) {
    this.#means = means;
  }

  start(): void {
    this.#timer ??= setInterval(() => this.#look(), this.#means.every).unref();
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #look(): void {
    const now = performance.eventLoopUtilization();
    const busy = performance.eventLoopUtilization(now, this.#looked).utilization;
    this.#looked = now;
    if (!worthIt({ busy, used: this.#means.used(), left: this.#left })) return;
    this.#means.collect();
    this.#left = this.#means.used();
  }
}
