/** The node's side of the worker that watches: started when first needed, and again when it has died. */
import path from 'node:path';
import { Worker } from 'node:worker_threads';
import type { FromWorker, ToWorker } from './messages.ts';

declare const __SKEIN_BUNDLE__: unknown;

export class WatchLink {
  readonly #take: (message: FromWorker) => void;
  readonly #lost: (why: string) => void;
  #worker: Worker | undefined;

  /** `lost` is called when the worker has ended and nobody asked for that: it knows nothing any more. */
  constructor(take: (message: FromWorker) => void, lost: (why: string) => void) {
    this.#take = take;
    this.#lost = lost;
  }

  send(message: ToWorker): void {
    this.#worker ??= this.#start();
    this.#worker.postMessage(message);
  }

  async stop(): Promise<void> {
    const worker = this.#worker;
    this.#worker = undefined;
    await worker?.terminate();
  }

  #start(): Worker {
    const worker = new Worker(workerPath());
    let why = 'its worker has ended';
    worker.on('message', (message: FromWorker) => {
      if (worker === this.#worker) this.#take(message);
    });
    worker.on('error', (error) => {
      why = error instanceof Error ? error.message : String(error);
    });
    worker.on('exit', () => {
      if (worker !== this.#worker) return;
      this.#worker = undefined;
      this.#lost(why);
    });
    return worker;
  }
}

function workerPath(): string | URL {
  if (typeof __SKEIN_BUNDLE__ !== 'undefined') return path.join(__dirname, 'watch-worker.cjs');
  return new URL('./watch-worker.ts', import.meta.url);
}
