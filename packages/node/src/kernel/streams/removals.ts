/** Sees removals of streams through, slice by slice between the commits, over a restart and a full disk too (L8). */

import { SkeinError } from '@skein/protocol/errors';
import type { WriterOps } from '../wire.ts';
import type { WorkerLink } from '../worker/link.ts';

/** Milliseconds until the next slice when a reader was in the way of the last. */
const AGAIN_MS = 5;

/** Milliseconds until the next when storage could not be had, as on a full disk. */
const STORAGE_MS = 500;

type Writer = Pick<WorkerLink<WriterOps>, 'call'>;

export class Removals {
  readonly #writer: Writer;
  readonly #running = new Map<number, Promise<void>>();
  #closed = false;
  #wake: () => void = () => {};

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
        const next = await this.#slice(stream, page);
        if (next === page) await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
        if (next === undefined) await this.#pause();
        else page = next;
      }
    } finally {
      this.#running.delete(stream);
    }
  }

  /** Undefined when storage cannot be had: the stream is gone, so that nobody could ask for what is left of it to go. */
  async #slice(stream: number, page: number): Promise<number | null | undefined> {
    try {
      return await this.#writer.call('scrub', { stream, page });
    } catch (error) {
      if (SkeinError.from(error).code === 'storage_unavailable') return undefined;
      throw error;
    }
  }

  #pause(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, STORAGE_MS).unref();
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  /** What is not done goes on at the next start. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#wake();
    await Promise.allSettled(this.#running.values());
  }
}
