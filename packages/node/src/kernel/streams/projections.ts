/** States of reducers over streams, kept between two questions so that only the tail is read again (L5). */
import { pack } from '../codec.ts';
import type { Cursor, Reducer } from '../types.ts';
import type { ReaderOps, WriterOps } from '../wire.ts';
import type { WorkerLink } from '../worker/link.ts';
import type { Stream } from './registry.ts';
import { type Replayed, replay } from './replay.ts';

/** Projections kept in memory. */
const KEPT = 64;

export class Projections {
  readonly #reader: WorkerLink<ReaderOps>;
  readonly #writer: WorkerLink<WriterOps>;
  readonly #snapshotEvery: number;
  readonly #kept = new Map<string, Replayed<unknown> & { epoch: number }>();

  constructor(reader: WorkerLink<ReaderOps>, writer: WorkerLink<WriterOps>, snapshotEvery: number) {
    this.#reader = reader;
    this.#writer = writer;
    this.#snapshotEvery = snapshotEvery;
  }

  clear(): void {
    this.#kept.clear();
  }

  async ask<S>(
    stream: Stream | undefined,
    name: string,
    reducer: Reducer<S>,
  ): Promise<{ state: S; cursor: Cursor }> {
    const key = JSON.stringify([name, reducer.name, reducer.version]);
    const epoch = stream?.epoch ?? 0;
    const kept = this.#kept.get(key);
    // The key names the reducer and its version, so what is kept under it is its state. What comes next may be cut off.
    const goesOn = kept?.epoch === epoch && kept.offset >= (stream?.first ?? 1) - 1;
    const known = goesOn ? (kept as Replayed<S>) : undefined;
    const result = await replay(this.#reader, reducer, name, stream, known);
    if (stream && result.offset - result.snapshotAt >= this.#snapshotEvery) {
      result.snapshotAt = result.offset;
      const { state, offset } = result;
      const row = {
        stream: stream.number,
        name: reducer.name,
        version: reducer.version,
        offset,
        state: pack(state),
      };
      // It only saves work later, so its failure is nobody's.
      await this.#writer.call('snapshot', row).catch(() => {});
    }
    this.#kept.delete(key);
    this.#kept.set(key, { ...result, epoch });
    for (const oldest of this.#kept.keys()) {
      if (this.#kept.size <= KEPT) break;
      this.#kept.delete(oldest);
    }
    return { state: result.state, cursor: { epoch, offset: result.offset } };
  }
}
