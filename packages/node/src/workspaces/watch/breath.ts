/** Lets the loop turn from time to time during long work, so that the system's queue of events is emptied. */
import { setImmediate } from 'node:timers/promises';

/** Milliseconds of work at a time: a few hundred events at most gather meanwhile. */
const SLICE_MS = 5;

export class Breath {
  #since = performance.now();

  /** Whether `take` is due. */
  get due(): boolean {
    return performance.now() - this.#since > SLICE_MS;
  }

  async take(): Promise<void> {
    await setImmediate();
    this.#since = performance.now();
  }
}
