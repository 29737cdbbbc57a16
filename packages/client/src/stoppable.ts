/**
 * An iteration that can be stopped at any time, also while it waits for what may never come. An async generator by itself would
 * hear of it only after that.
 */

type Step<T> = IteratorResult<T, undefined>;

interface Waiting<T> {
  resolve(step: Step<T>): void;
  reject(error: unknown): void;
}

/** What it gives until it is stopped: by `break`, `return`, `throw`, or the signal that it was given, whose reason it then throws. */
export class Stoppable<T> implements AsyncGenerator<T, undefined, undefined> {
  readonly #inner: AsyncGenerator<T, unknown, undefined>;
  readonly #stopping = new AbortController();
  readonly #signal: AbortSignal | undefined;
  readonly #waiting = new Set<Waiting<T>>();
  #listening = false;
  /** Why it was stopped, until somebody was told. */
  #why: { reason: unknown } | undefined;

  /** `make` gets a signal by which it ends what it reads from. */
  constructor(make: (stopped: AbortSignal) => AsyncGenerator<T, unknown, undefined>, signal?: AbortSignal) {
    this.#signal = signal;
    this.#inner = make(this.#stopping.signal);
  }

  next(): Promise<Step<T>> {
    this.#listen();
    if (this.#stopping.signal.aborted) return this.#told();
    return new Promise((resolve, reject) => {
      const one = { resolve, reject };
      this.#waiting.add(one);
      // Not a race with the stop: that would remember every event until then.
      this.#inner.next().then(
        (step) => {
          this.#waiting.delete(one);
          if (step.done !== true) return resolve(step);
          this.#leave();
          resolve({ done: true, value: undefined });
        },
        (error) => {
          this.#waiting.delete(one);
          this.#leave();
          reject(error);
        },
      );
    });
  }

  async return(): Promise<Step<T>> {
    this.#stop();
    return { done: true, value: undefined };
  }

  async throw(error: unknown): Promise<Step<T>> {
    this.#stop();
    throw error;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop();
  }

  /** From the first step on: what is never begun leaves nothing with a signal that outlives it. */
  #listen(): void {
    if (this.#listening) return;
    this.#listening = true;
    if (this.#signal?.aborted === true) this.#aborted();
    else this.#signal?.addEventListener('abort', this.#aborted, { once: true });
  }

  readonly #aborted = (): void => {
    this.#why = { reason: this.#signal?.reason };
    this.#stop();
  };

  #leave(): void {
    this.#signal?.removeEventListener('abort', this.#aborted);
  }

  #stop(): void {
    if (this.#stopping.signal.aborted) return;
    this.#listening = true;
    this.#leave();
    this.#stopping.abort();
    for (const one of this.#waiting) this.#told().then(one.resolve, one.reject);
    this.#waiting.clear();
    // What it was waiting for is nobody's any more, nor is what goes wrong with that.
    this.#inner.return(undefined).catch(() => {});
  }

  /** The first who comes is told why, and nobody after that. */
  async #told(): Promise<Step<T>> {
    const why = this.#why;
    this.#why = undefined;
    if (why !== undefined) throw why.reason;
    return { done: true, value: undefined };
  }
}
