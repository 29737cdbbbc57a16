/** Tells when nothing has come from an agent for too long, at its start or in a turn that waits for nobody (rule A6). */
import type { BaseState } from '../drivers/state.ts';
import { after } from '../platform/after.ts';

export class Quiet {
  readonly #tell: (ms: number) => void;
  /** On the clock that nobody sets. */
  #movedAt = performance.now();
  #unwatch: (() => void) | undefined;

  /** `tell` gets the milliseconds for which it has been quiet. */
  constructor(tell: (ms: number) => void) {
    this.#tell = tell;
  }

  /** Something was told of it. */
  moved(): void {
    this.#movedAt = performance.now();
  }

  /** Tells after `stuckAfter` milliseconds, 0 for never, unless it moves before. `seen`: somebody sits before its terminal. */
  watch(stuckAfter: number, state: BaseState | undefined, seen: boolean): void {
    this.stop();
    if (stuckAfter === 0 || state === undefined || state.approvals.length > 0) return;
    // Who sits before a terminal sees how it starts.
    const starting = state.life === 'starting' && !seen;
    if (state.turn === null && !starting) return;
    const left = Math.max(0, this.#movedAt + stuckAfter - performance.now());
    this.#unwatch = after(left, () => this.#tell(Math.round(performance.now() - this.#movedAt)));
  }

  stop(): void {
    this.#unwatch?.();
  }
}
