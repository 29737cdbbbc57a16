/** Gives memory back once a thread has come to rest: V8 collects when more is asked for, so what a burst left would stay. */
import { performance } from 'node:perf_hooks';
import v8 from 'node:v8';

const MIB = 2 ** 20;
/** Milliseconds from one look to the next. */
const LOOK_MS = 5_000;
/** The share of the time since the last look that a loop at rest was busy for, at most. */
const AT_REST = 0.005;
/**
 * Bytes that the heap, and what it holds outside, has grown by since it was last collected. It leaves the young part small,
 * which V8 then collects by itself long before this, so that somebody who types, and is rest by our measure, is not made to
 * wait for it.
 */
const WORTH = 2 * MIB;
/** Bytes of heap, at most: collecting takes about a millisecond for each MiB, for which all else waits. */
const LARGEST = 32 * MIB;

interface Looked {
  /** Share of the time that the loop was busy for, 0 to 1. */
  busy: number;
  /** Bytes of heap, and with what it holds outside of it. */
  heap: number;
  used: number;
  /** `used` when it was last collected; 0 before the first time. */
  left: number;
}

/** Whether to collect now. */
export function worthIt({ busy, heap, used, left }: Looked): boolean {
  return busy <= AT_REST && used - left >= WORTH && heap <= LARGEST;
}

interface Means {
  /** V8's own, where Node was started with it (NODE_FLAGS). */
  collect(): void;
  /** What else can be given back then. */
  also(): void;
  /** Bytes in use, of heap and outside of it. */
  used(): { heap: number; outside: number };
  /** Milliseconds from one look to the next. */
  every: number;
}

const V8: Means = {
  collect: () => globalThis.gc?.(),
  also: () => {},
  used: () => {
    const { used_heap_size: heap, external_memory: outside } = v8.getHeapStatistics();
    return { heap, outside };
  },
  every: LOOK_MS,
};

export class Resting {
  readonly #means: Means;
  #timer: NodeJS.Timeout | undefined;
  #looked = performance.eventLoopUtilization();
  #left = 0;

  constructor(means: Partial<Means> = {}) {
    this.#means = { ...V8, ...means };
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
    const { heap, outside } = this.#means.used();
    const used = heap + outside;
    // What is outside the heap is freed by another thread, a little after it was collected.
    this.#left = Math.min(this.#left, used);
    if (!worthIt({ busy, heap, used, left: this.#left })) return;
    this.#means.also();
    this.#means.collect();
    const left = this.#means.used();
    this.#left = left.heap + left.outside;
  }
}
