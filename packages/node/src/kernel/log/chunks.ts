/** Reads chunks of a stream in order, verifying each against its chain before anyone sees it (L6). */
import type { Chunk } from './chain.ts';
import { type Db, rowId, STREAM_SPAN } from './schema.ts';
import { holds, type StoredChunk, transactions } from './seal.ts';

/** Where a verified read stands: the last offset and the chain's hash there. */
export interface ChainPoint {
  offset: number;
  hash: Uint8Array;
}

/** Thrown when what is stored is not what was written. `after` is the last offset that verified. */
export class ChainBroken extends Error {
  override readonly name = 'ChainBroken';
  readonly stream: string;
  readonly after: number;

  constructor(stream: string, after: number) {
    super(`The log of ${stream} is damaged after event ${after}.`);
    this.stream = stream;
    this.after = after;
  }
}

type Row = [number, number, number, number, Buffer, Buffer, Buffer, Buffer | null];

const COLUMNS = 'id, first, epoch, key, hash, sizes, data, seal';

/** What one statement fetches of rows that lie together. */
const FETCH_BYTES = 64 * 1024;
const MOST_ROWS = 512;
/** And what it fetches at most, where rows turn out larger than those before them: many small ones may be followed by large ones. */
const MOST_BYTES = 512 * 1024;

/** A damaged row can hold any type in any column. */
export function sound(chunk: Chunk & { hash: unknown; seal: unknown }): boolean {
  const numbers = [chunk.first, chunk.epoch, chunk.key].every((value) => Number.isSafeInteger(value));
  return (
    numbers &&
    chunk.key >= 0 &&
    [chunk.sizes, chunk.data, chunk.hash].every((value) => Buffer.isBuffer(value)) &&
    (chunk.seal === null || Buffer.isBuffer(chunk.seal))
  );
}

export class ChunkReader {
  readonly #range;
  readonly #before;
  readonly #holding;
  readonly #first;
  /** Rows to fetch with the next statement: as many as are likely to hold FETCH_BYTES. */
  #rows = 2;

  constructor(db: Db) {
    this.#range = db
      .prepare<[number, number, number], Row>(
        `SELECT ${COLUMNS} FROM chunks WHERE id >= ? AND id <= ? ORDER BY id LIMIT ?`,
      )
      .raw();
    this.#before = db
      .prepare<[number, number], [number, Buffer]>(
        'SELECT id, hash FROM chunks WHERE id >= ? AND id < ? ORDER BY id DESC LIMIT 1',
      )
      .raw();
    this.#holding = db
      .prepare<[number, number], Row>(
        `SELECT ${COLUMNS} FROM chunks WHERE id >= ? AND id < ? ORDER BY id LIMIT 1`,
      )
      .raw();
    this.#first = db
      .prepare<[number, number], number>(
        'SELECT first FROM chunks WHERE id >= ? AND id < ? ORDER BY id LIMIT 1',
      )
      .pluck();
  }

  /** True if a chunk begins with this event. */
  beginsAt(stream: number, offset: number): boolean {
    return this.#first.get(rowId(stream, offset), rowId(stream + 1, 0)) === offset;
  }

  /** The end of the last chunk that ends before `offset`, or `base` when there is none. Itself not verified. */
  pointBefore(stream: number, offset: number, base: ChainPoint): ChainPoint {
    const row = this.#before.get(rowId(stream, base.offset + 1), rowId(stream, offset));
    return row ? { offset: row[0] - rowId(stream, 0), hash: row[1] } : base;
  }

  /** The chunk that holds an event, not verified. */
  holding(stream: number, offset: number): StoredChunk | undefined {
    const row = this.#holding.get(rowId(stream, offset), rowId(stream + 1, 0));
    const chunk = row && toChunk(row, rowId(stream, 0));
    return chunk && sound(chunk) && chunk.first <= offset ? chunk : undefined;
  }

  /** The chain's hash after the transaction that ended with `offset`; undefined if none did, or its row is damaged. */
  hashAt(stream: number, name: string, offset: number): Uint8Array | undefined {
    const chunk = this.holding(stream, offset);
    if (!chunk || chunk.last === offset) return chunk?.hash;
    const previous = chunk.seal?.subarray(0, 32);
    if (!previous) return undefined;
    for (const part of transactions(previous, name, chunk)) if (part.last === offset) return part.hash;
    return undefined;
  }

  /** Stored chunks whose last offset is in from … to, as they lie; nothing is verified. */
  *raw(stream: number, from: number, to: number): Generator<StoredChunk> {
    const zero = rowId(stream, 0);
    for (let next = zero + from; ; ) {
      const limit = this.#rows;
      const rows: Row[] = [];
      let bytes = 0;
      for (const row of this.#range.iterate(next, zero + to, limit)) {
        rows.push(row);
        next = row[0] + 1;
        bytes += row[6]?.length ?? 0;
        if (bytes >= MOST_BYTES) break;
      }
      // Rows fetched together cost half; but those of many events are large, and mostly one or two are wanted.
      this.#rows = Math.max(1, Math.min(MOST_ROWS, Math.floor((FETCH_BYTES * rows.length) / (bytes + 1))));
      for (const row of rows) yield toChunk(row, zero);
      if (rows.length < limit && bytes < MOST_BYTES) return;
    }
  }

  /** Verified chunks from just after `start`, up to the one that holds `to`. Throws ChainBroken where the chain does not hold. */
  *verified(stream: number, name: string, start: ChainPoint, to: number): Generator<StoredChunk> {
    let { offset, hash } = start;
    for (const chunk of this.raw(stream, offset + 1, STREAM_SPAN - 1)) {
      if (offset >= to) return;
      if (!sound(chunk) || !holds(hash, name, offset, chunk)) throw new ChainBroken(name, offset);
      offset = chunk.last;
      hash = chunk.hash;
      yield chunk;
    }
    if (offset < to) throw new ChainBroken(name, offset);
  }
}

function toChunk([id, first, epoch, key, hash, sizes, data, seal]: Row, zero: number): StoredChunk {
  return { first, last: id - zero, epoch, key, hash, sizes, data, seal };
}
