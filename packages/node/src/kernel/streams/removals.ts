/**
 * Sees removals of streams through, slice by slice between the commits, over a restart and a full disk too (L8). Those that
 * come together share the look through the file at the end, which takes as long for one as for all.
 */

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
  readonly #removing = new Map<number, PromiseWithResolvers<void>>();
  #running: Promise<void> | undefined;
  #closed = false;
  #wake: () => void = () => {};

  constructor(writer: Writer) {
    this.#writer = writer;
  }

  get size(): number {
    return this.#removing.size;
  }

  /** Resolves when no byte of the stream is left in the database. */
  finish(stream: number): Promise<void> {
    const known = this.#removing.get(stream) ?? Promise.withResolvers<void>();
    this.#removing.set(stream, known);
    this.#running ??= this.#run();
    return known.promise;
  }

  async #run(): Promise<void> {
    while (this.#removing.size > 0) {
      const streams = [...this.#removing.keys()];
      let failure: { error: unknown } | undefined;
      try {
        for (const stream of streams) await this.#clear(stream);
        await this.#scrub(streams);
      } catch (error) {
        failure = { error };
      }
      for (const stream of streams) {
        const known = this.#removing.get(stream);
        this.#removing.delete(stream);
        if (failure === undefined) known?.resolve();
        else known?.reject(failure.error);
      }
    }
    // In the turn in which none was left, or one that comes then would be nobody's.
    this.#running = undefined;
  }

  async #clear(stream: number): Promise<void> {
    for (let more = true; more && !this.#closed; )
      more = (await this.#slice(() => this.#writer.call('clear', { stream }))) ?? true;
  }

  async #scrub(streams: number[]): Promise<void> {
    for (let page: number | null = 0; page !== null && !this.#closed; ) {
      const at: number = page;
      const next = await this.#slice(() => this.#writer.call('scrub', { streams, page: at }));
      if (next === at) await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
      if (next !== undefined) page = next;
    }
  }

  /** Undefined, later, when storage cannot be had: the streams are gone, so that nobody could ask for what is left of them to go. */
  async #slice<T>(one: () => Promise<T>): Promise<T | undefined> {
    try {
      return await one();
    } catch (error) {
      if (SkeinError.from(error).code !== 'storage_unavailable') throw error;
      await this.#pause();
      return undefined;
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
    await this.#running;
  }
}
