/** Sees removals of streams through, slice by slice between the commits, over a restart too (L8). */

import type { WriterOps } from '../wire.ts';
import type { WorkerLink } from '../worker/link.ts';

/** Milliseconds until the next slice when a reader was in the way of the last. */
const AGAIN_MS = 5;

type Writer = Pick<WorkerLink<WriterOps>, 'call'>;

export class Removals {
  readonly #writer: Writer;
  readonly #running = new Map<number, Promise<void>>();
  #closed = false;

  constructor(writer: Writer) {
    this.#writer = writer;
  }

  get size(): number {
    return this.#running.size;
  }

  /** Resolves when no byte of the stream is left in the database. */
  finish(stream: number): Promise<void> {
    const running = this.#running.get(stream) ?? this.#run(stream);
    this.#running.set(stream, running);
    return running;
  }

  async #run(stream: number): Promise<void> {
    try {
      for (let page: number | null = 0; page !== null && !this.#closed; ) {
        const next: number | null = await this.#writer.call('scrub', { stream, page });
        if (next === page) await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
        page = next;
      }
    } finally {
      this.#running.delete(stream);
    }
  }

  /** What is not done goes on at the next start. */
  async close(): Promise<void> {
    this.#closed = true;
    await Promise.allSettled(this.#running.values());
  }
}
