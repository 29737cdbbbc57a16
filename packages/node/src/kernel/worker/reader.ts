/** The reader worker: verified pages, cells, snapshots, receipts and blobs, from a connection that only reads. */
import { SkeinError } from '@skein/protocol/errors';
import { concat, owned } from '../codec.ts';
import { BlobReader } from '../log/blob-reader.ts';
import { CellReader } from '../log/cells.ts';
import { unpackSizes } from '../log/chain.ts';
import { ChainBroken, type ChainPoint, ChunkReader } from '../log/chunks.ts';
import { CutChunks } from '../log/cut-chunks.ts';
import { type Db, openReader, REMOVING, shrink } from '../log/schema.ts';
import type { StoredChunk } from '../log/seal.ts';
import { isWhole, type StoredSnapshot } from '../log/whole-snapshot.ts';
import type {
  CellBytes,
  ClientRow,
  PageBytes,
  PageRequest,
  ReaderOps,
  SnapshotBytes,
  SnapshotRequest,
} from '../wire.ts';
import type { Handlers } from './serve.ts';

/** Streams whose last verified point is remembered, so that the next page does not look for it. */
const REMEMBERED = 256;

class LogReader {
  readonly db: Db;
  readonly #chunks: ChunkReader;
  readonly #cells: CellReader;
  readonly #base;
  readonly #begin;
  readonly #end;
  readonly #points = new Map<number, ChainPoint>();
  readonly #cut = new CutChunks();

  constructor(dir: string) {
    this.db = openReader(dir);
    this.#chunks = new ChunkReader(this.db);
    this.#cells = new CellReader(this.db);
    this.#base = this.db
      .prepare<[number], [number, Buffer, string]>(
        'SELECT retained, base, name FROM streams WHERE number = ?',
      )
      .raw();
    this.#begin = this.db.prepare('BEGIN');
    this.#end = this.db.prepare('COMMIT');
  }

  /** Reads of one state of the database: small chunks may be joined behind our back. */
  #atOnce<T>(read: () => T): T {
    this.#begin.run();
    try {
      return read();
    } finally {
      this.#end.run();
    }
  }

  /** Lets go of what it keeps in memory. */
  rest(): void {
    this.#cut.clear();
    shrink(this.db);
  }

  /**
   * Events from … to, up to the limits: at least one, unless retention has cut `from` off, which `first` says. Every chunk is
   * verified each time it is read.
   */
  page(request: PageRequest): PageBytes {
    return this.#atOnce(() => this.#page(request));
  }

  #page({ stream, name, from, to, maxEvents, maxBytes }: PageRequest): PageBytes {
    const most = Math.min(maxEvents, to - from + 1);
    const parts: Uint8Array[] = [];
    let count = 0;
    let bytes = 0;
    let end = this.#start(stream, name, from);
    if (end.offset >= from) return { first: end.offset + 1, count: 0, data: new Uint8Array(0) };
    for (const chunk of this.#verified(stream, name, end, to)) {
      // The next page begins with a whole chunk: one that is cut is read and verified twice.
      const over = chunk.last - from >= maxEvents || bytes + chunk.data.length > maxBytes;
      if (over && (count * 2 >= maxEvents || bytes * 2 >= maxBytes)) break;
      const part = slice(chunk, from + count, most - count, maxBytes - bytes);
      parts.push(part.data);
      count += part.count;
      bytes += part.data.length;
      if (from + count <= chunk.last) {
        this.#cut.keep(stream, { name, previous: end.hash, chunk });
        break;
      }
      this.#cut.drop(stream);
      end = { offset: chunk.last, hash: chunk.hash };
      if (count >= most || bytes >= maxBytes) break;
    }
    this.#remember(stream, end);
    return { first: from, count, data: concat(parts, bytes) };
  }

  *#verified(stream: number, name: string, start: ChainPoint, to: number): Generator<StoredChunk> {
    const cut = this.#cut.after(stream, name, start);
    if (cut) yield cut;
    const next = cut ? { offset: cut.last, hash: cut.hash } : start;
    yield* this.#chunks.verified(stream, name, next, to);
  }

  /** A verified point just before the chunk that holds `from`. One that is remembered may be within a sealed chunk now. */
  #start(stream: number, name: string, from: number): ChainPoint {
    const known = this.#points.get(stream);
    if (known?.offset === from - 1 && this.#chunks.beginsAt(stream, from)) return known;
    const row = this.#base.get(stream);
    if (!row) throw new ChainBroken(name, 0);
    if (row[0] === REMOVING)
      throw new SkeinError('gone', `The log of ${name} was removed.`, { stream: name });
    return this.#chunks.pointBefore(stream, from, { offset: row[0] - 1, hash: row[1] });
  }

  #remember(stream: number, point: ChainPoint): void {
    this.#points.delete(stream);
    this.#points.set(stream, point);
    if (this.#points.size <= REMEMBERED) return;
    for (const oldest of this.#points.keys()) {
      this.#points.delete(oldest);
      break;
    }
  }

  cells(stream: number, name: string, prefix: string): CellBytes {
    const found = this.#atOnce(() => this.#cells.read(stream, name, prefix));
    const values = [...found.values()];
    const sizes = values.map(({ length }) => length);
    const data = concat(
      values,
      sizes.reduce((sum, size) => sum + size, 0),
    );
    return { keys: [...found.keys()], sizes, data };
  }

  client(name: string): ClientRow | null {
    const row = this.db
      .prepare<[string], ClientRow>(
        `SELECT number, watermark, max(
            coalesce((SELECT max(seq) FROM receipts WHERE client = number), 0),
            coalesce((SELECT max(seq) FROM recent WHERE client = number), 0)) AS last
          FROM clients WHERE name = ?`,
      )
      .get(name);
    return row ? { ...row, last: Math.max(row.last, row.watermark) } : null;
  }

  receipt(client: number, seq: number): { body: Uint8Array; reply: Uint8Array } | null {
    const row = this.db
      .prepare<[number, number, number, number], { body: Buffer; reply: Buffer }>(
        `SELECT body, reply FROM receipts WHERE client = ? AND seq = ?
          UNION ALL SELECT body, reply FROM recent WHERE client = ? AND seq = ?`,
      )
      .get(client, seq, client, seq);
    return row ? { body: owned(row.body), reply: owned(row.reply) } : null;
  }

  /** The newest snapshot that is whole and belongs to the present chain, of `version` if that is given. */
  snapshot(request: SnapshotRequest): SnapshotBytes | null {
    return this.#atOnce(() => this.#snapshot(request));
  }

  #snapshot({ stream, name, version }: SnapshotRequest): SnapshotBytes | null {
    const rows = this.db
      .prepare<[number, string, number | null], { offset: number; version: number } & StoredSnapshot>(
        `SELECT offset, version, chain, hash, state FROM snapshots
          WHERE stream = ? AND name = ? AND version = coalesce(?, version) ORDER BY offset DESC`,
      )
      .all(stream, name, version);
    const base = this.#base.get(stream);
    for (const row of base ? rows : []) {
      // Retention cuts at a snapshot: its chunk is gone, and its hash is the base of what is left.
      const atBase = base && base[0] - 1 === row.offset;
      const chain = atBase ? base[1] : base && this.#chunks.hashAt(stream, base[2], row.offset);
      if (!isWhole(row, chain)) continue;
      return { offset: row.offset, version: row.version, state: owned(row.state) };
    }
    return null;
  }
}

/** The events of `chunk` from `from` on, as many as fit, at least one. */
function slice(
  chunk: StoredChunk,
  from: number,
  maxEvents: number,
  maxBytes: number,
): Omit<PageBytes, 'first'> {
  const total = chunk.last - chunk.first + 1;
  const skip = Math.max(0, from - chunk.first);
  if (skip === 0 && total <= maxEvents && chunk.data.length <= maxBytes)
    return { count: total, data: chunk.data };
  const sizes = unpackSizes(chunk.sizes);
  let start = 0;
  for (const size of sizes.slice(0, skip)) start += size;
  let end = start;
  let count = 0;
  for (const size of sizes.slice(skip)) {
    if (count > 0 && (count >= maxEvents || end - start + size > maxBytes)) break;
    end += size;
    count += 1;
  }
  return { count, data: chunk.data.subarray(start, end) };
}

export function readerHandlers(dir: string): Handlers<ReaderOps> {
  let open: LogReader | undefined;
  const blobs = new BlobReader(dir);
  const reader = () => {
    if (!open) throw new SkeinError('storage_unavailable', 'The log is being repaired; try again.');
    return open;
  };
  const close = () => {
    open?.db.close();
    open = undefined;
    return null;
  };
  return {
    open: () => {
      close();
      open = new LogReader(dir);
      return null;
    },
    close,
    client: ({ name }) => reader().client(name),
    receipt: ({ client, seq }) => reader().receipt(client, seq),
    snapshot: (request) => reader().snapshot(request),
    page: (request) => reader().page(request),
    cells: ({ stream, name, prefix }) => reader().cells(stream, name, prefix),
    rest: () => {
      open?.rest();
      return null;
    },
    blob: ({ hash: name, offset, length }) => blobs.read(name, offset, length),
  };
}
