/** Asking the node again and again what runs, one question at a time. */

import type { Client } from '@skein/protocol/client/client';
import type { LoadAnswer } from '@skein/protocol/machines/load';

/** Milliseconds that a look of somebody who watches waits for other nodes. */
const LIVE_WAIT_MS = 300;

export class Looks {
  readonly #client: Client;
  readonly #every: number;
  readonly #told: (answer: LoadAnswer) => void;
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;
  #paused = false;
  #asking = false;

  constructor(client: Client, every: number, told: (answer: LoadAnswer) => void) {
    this.#client = client;
    this.#every = every;
    this.#told = told;
  }

  /** Rejects with what ended it; resolves when it is stopped. */
  run(): Promise<void> {
    return new Promise((resolve, reject) => {
      const look = () => {
        if (this.#stopped) return resolve();
        const began = performance.now();
        this.#asking = true;
        const asked = this.#paused ? Promise.resolve() : this.#look();
        asked.then(() => {
          this.#asking = false;
          if (this.#stopped) return resolve();
          this.#timer = setTimeout(look, Math.max(50, this.#every - (performance.now() - began)));
        }, reject);
      };
      this.#again = look;
      look();
    });
  }

  #again: () => void = () => {};

  async #look(): Promise<void> {
    const answer = await this.#client.ask('load', { everywhere: true, wait: LIVE_WAIT_MS });
    if (!this.#stopped) this.#told(answer);
  }

  /** While nobody looks nothing is asked. */
  set paused(paused: boolean) {
    this.#paused = paused;
    if (!paused) this.now();
  }

  /** Looks at once, unless a look is under way. */
  now(): void {
    if (this.#asking || this.#stopped) return;
    clearTimeout(this.#timer);
    this.#again();
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }
}
