/** What is read of the log, page by page, cell by cell and blob by blob (L3, L8, L9). It changes nothing. */
import { SkeinError } from '@skein/protocol/errors';
import { BLOB_CHUNK } from '@skein/protocol/limits';
import { malformedBlob } from '../actors/malformed.ts';
import type { Repairs } from '../repair/repairs.ts';
import type { SubscribeRequest, Subscription } from '../types.ts';
import type { ReaderOps } from '../wire.ts';
import type { WorkerLink } from '../worker/link.ts';
import { cellMap } from './cell-map.ts';
import type { Registry } from './registry.ts';
import { fetchPage } from './replay.ts';
import { checkCursor, LogCursor } from './subscription.ts';

export class Reading {
  readonly #reader: WorkerLink<ReaderOps>;
  readonly #registry: Registry;
  readonly #repairs: Repairs;
  readonly #cursors = new Set<LogCursor>();

  constructor(reader: WorkerLink<ReaderOps>, registry: Registry, repairs: Repairs) {
    this.#reader = reader;
    this.#registry = registry;
    this.#repairs = repairs;
  }

  /** Subscriptions that are open. */
  get size(): number {
    return this.#cursors.size;
  }

  subscribe({ stream: name, from, follow }: SubscribeRequest): Subscription {
    const stream = this.#registry.known(name);
    checkCursor(stream, from);
    const cursor: LogCursor = new LogCursor(stream, from, follow, {
      stream: () => this.#registry.get(name),
      fetch: (one, first, to) => this.#repairs.watched(fetchPage(this.#reader, one, first, to)),
      mended: () => this.#repairs.mended(),
      closed: () => this.#cursors.delete(cursor),
    });
    this.#cursors.add(cursor);
    return cursor;
  }

  async cells(name: string, prefix: string): Promise<Map<string, Uint8Array>> {
    const { number } = this.#registry.known(name);
    return cellMap(await this.#repairs.watched(this.#reader.call('cells', { stream: number, name, prefix })));
  }

  blob(hash: string, offset: number): Promise<Uint8Array> {
    const bad = malformedBlob(hash);
    if (bad) return Promise.reject(new SkeinError('bad_request', bad));
    return this.#reader.call('blob', { hash, offset, length: BLOB_CHUNK });
  }

  close(): void {
    for (const cursor of [...this.#cursors]) cursor.close();
  }
}
