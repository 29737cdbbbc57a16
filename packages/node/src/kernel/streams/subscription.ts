/** A cursor into the log (L3): pulled by its reader, woken by commits, never a queue. */
import { SkeinError } from '@skein/protocol/errors';
import type { Cursor, Page, Subscription } from '../types.ts';
import type { Stream } from './registry.ts';

interface CursorOptions {
  /** The stream as it is now: a repair replaces it, a purge takes it away. */
  stream(): Stream | undefined;
  fetch(stream: Stream, from: number, to: number): Promise<Page>;
  /** Waits for a repair under way, and says whether there was one. */
  mended(): Promise<boolean>;
  closed(): void;
}

/** Throws the error of L4 that fits, if any. A reader's place is `cursor.offset`; it wants what comes after. */
export function checkCursor(
  { epoch, first, durable: head, name }: Pick<Stream, 'name' | 'epoch' | 'first' | 'durable'>,
  cursor: Cursor,
): void {
  const data = { stream: name, epoch, first, head };
  if (cursor.epoch !== 0 && cursor.epoch !== epoch) {
    throw new SkeinError(
      'cursor_wrong_epoch',
      `The log of ${name} has begun a new epoch; take a snapshot.`,
      data,
    );
  }
  if (cursor.offset < first - 1) {
    throw new SkeinError(
      'cursor_before_retained',
      `The log of ${name} now begins at ${first}; take a snapshot.`,
      data,
    );
  }
  if (cursor.offset > head) {
    throw new SkeinError('cursor_past_head', `The log of ${name} ends at ${head}, before your place.`, data);
  }
}

export class LogCursor implements Subscription {
  readonly #options: CursorOptions;
  readonly #follow: boolean;
  readonly #name: string;
  #epoch: number;
  #offset: number;
  #ahead: Promise<Page> | undefined;
  #wake: (() => void) | undefined;
  #closed = false;

  constructor(stream: Stream, from: Cursor, follow: boolean, options: CursorOptions) {
    this.#options = options;
    this.#follow = follow;
    this.#name = stream.name;
    this.#epoch = stream.epoch;
    this.#offset = from.offset;
  }

  async next(): Promise<Page | null> {
    while (!this.#closed) {
      const stream = this.#present();
      if (this.#offset < stream.durable) {
        const page = await this.#take(stream).catch((error) => this.#afterMending(error));
        if (page !== undefined) return page;
        continue;
      }
      if (!this.#follow) return null;
      await this.#changed(stream);
    }
    return null;
  }

  #present(): Stream {
    const stream = this.#options.stream();
    if (!stream)
      throw new SkeinError('gone', `The log of ${this.#name} was removed.`, { stream: this.#name });
    checkCursor(stream, { epoch: this.#epoch, offset: this.#offset });
    return stream;
  }

  /** A reader does not notice that a worker was started again: its cursor still says where it was. */
  async #afterMending(error: unknown): Promise<undefined> {
    const passing = error instanceof SkeinError && error.code === 'storage_unavailable';
    if (!passing || !(await this.#options.mended())) throw error;
  }

  async #take(stream: Stream): Promise<Page | null> {
    const wanted = this.#ahead ?? this.#fetch(stream);
    this.#ahead = undefined;
    const page = await wanted;
    if (this.#closed) return null;
    this.#offset = page.first + page.count - 1;
    // One page ahead keeps the disk busy while the reader works on this one; it is all that is ever held.
    if (this.#offset < stream.durable) {
      const ahead = this.#fetch(stream);
      this.#ahead = ahead;
      // What could not be had then may be had when it is wanted.
      ahead.catch(() => {
        if (this.#ahead === ahead) this.#ahead = undefined;
      });
    }
    return page;
  }

  #fetch(stream: Stream): Promise<Page> {
    return this.#options.fetch(stream, this.#offset + 1, stream.durable);
  }

  async #changed(stream: Stream): Promise<void> {
    await new Promise<void>((resolve) => {
      const stop = stream.wait(resolve);
      this.#wake = () => {
        stop();
        resolve();
      };
    });
    this.#wake = undefined;
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#ahead = undefined;
    this.#wake?.();
    this.#options.closed();
  }
}
