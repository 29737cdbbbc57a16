/** Those who wait for a path to a peer, each for as long as it wants to. */
import type { SkeinError } from '@skein/protocol/errors';
import type { OpenOptions, Pipe } from '../api.ts';

interface Waiter {
  options: OpenOptions;
  resolve(pipe: Pipe): void;
  reject(error: unknown): void;
}

export class Waiters {
  readonly #all = new Set<Waiter>();
  readonly #events: { late(): SkeinError; changed(): void };

  constructor(events: { late(): SkeinError; changed(): void }) {
    this.#events = events;
  }

  get size(): number {
    return this.#all.size;
  }

  /** Waits for `serve`. Rejects with what `late` says when the time is over, and with the signal's reason. */
  add(options: OpenOptions): Promise<Pipe> {
    const { signal, wait } = options;
    if (signal?.aborted) return Promise.reject(signal.reason);
    return new Promise((resolve, reject) => {
      const done = () => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', aborted);
        this.#all.delete(waiter);
      };
      const waiter: Waiter = {
        options,
        resolve: (pipe) => {
          done();
          resolve(pipe);
        },
        reject: (error) => {
          done();
          reject(error);
        },
      };
      const aborted = () => {
        waiter.reject(signal?.reason);
        this.#events.changed();
      };
      const timer = setTimeout(() => {
        waiter.reject(this.#events.late());
        this.#events.changed();
      }, wait);
      signal?.addEventListener('abort', aborted, { once: true });
      this.#all.add(waiter);
    });
  }

  /** There is a path: everybody gets a pipe, or why not. */
  serve(open: (options: OpenOptions) => Pipe): void {
    for (const waiter of [...this.#all]) {
      try {
        waiter.resolve(open(waiter.options));
      } catch (error) {
        waiter.reject(error);
      }
    }
  }

  /** There is none to be had: who waits no longer than until that is so is told. */
  refused(): void {
    const told = [...this.#all].filter(({ options }) => options.unlessRefused === true);
    for (const waiter of told) waiter.reject(this.#events.late());
    if (told.length > 0) this.#events.changed();
  }

  rejectAll(error: SkeinError): void {
    for (const waiter of [...this.#all]) waiter.reject(error);
  }
}
