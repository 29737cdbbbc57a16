/** The reader worker: verified pages, snapshots, receipts and blobs, from a connection that only reads. */
import { hash } from 'node:crypto';
import { SkeinError } from '@skein/protocol/errors';
import { readBlobFile } from './blob-files.ts';
import { unpackSizes } from './chain.ts';
import { ChainBroken, type ChainPoint, ChunkReader, type StoredChunk } from './chunks.ts';
import { concat, owned } from './codec.ts';
import { type Db, openReader, rowId } from './schema.ts';
import type { Handlers } from './serve.ts';
import type { ClientRow, PageBytes, PageRequest, ReaderOps } from './wire.ts';

/** Streams whose last verified point is remembered, so that the next page does not look for it. */
const REMEMBERED = 256;

class LogReader {
  readonly db: Db;
  readonly #chunks: ChunkReader;
  readonly #base;
  readonly #points = new Map<number, ChainPoint>();

  constructor(dir: string) {
    this.db = openReader(dir);
    this.#chunks = new ChunkReader(this.db);
    this.#base = this.db
      .prepare<[number], [number, Buffer]>('SELECT retained, base FROM streams WHERE number = ?')
      .raw();
  }

  /** Events from … to, up to the limits; always at least one. Every chunk is verified each time it is read. */
  page({ stream, name, from, to, maxEvents, maxBytes }: PageRequest): PageBytes {
    const parts: Uint8Array[] = [];
    let count = 0;
    let bytes = 0;
    let end = this.#start(stream, name, from);
    const full = () => count >= maxEvents || bytes >= maxBytes;
    for (const chunk of this.#chunks.verified(stream, name, end, to)) {
      const part = slice(chunk, from + count, maxEvents - count, maxBytes - bytes);
      parts.push(part.data);
      count += part.count;
      bytes += part.data.length;
      if (from + count > chunk.last) end = { offset: chunk.last, hash: chunk.hash };
      if (full()) break;
    }
    this.#remember(stream, end);
    return { count, data: concat(parts, bytes) };
  }

  #start(stream: number, name: string, from: number): ChainPoint {
    const known = this.#points.get(stream);
    if (known?.offset === from - 1) return known;
    const row = this.#base.get(stream);
    if (!row) throw new ChainBroken(name, 0);
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

  /** The newest snapshot of this version that is whole and belongs to the present chain; null when there is none. */
  snapshot(stream: number, name: string, version: number): { offset: number; state: Uint8Array } | null {
    const rows = this.db
      .prepare<[number, string, number], { offset: number; chain: Buffer; hash: Buffer; state: Buffer }>(
        `SELECT offset, chain, hash, state FROM snapshots WHERE stream = ? AND name = ? AND version = ?
          ORDER BY offset DESC`,
      )
      .all(stream, name, version);
    const at = this.db.prepare<[number], Buffer>('SELECT hash FROM chunks WHERE id = ?').pluck();
    const base = this.#base.get(stream);
    for (const row of rows) {
      // Retention cuts at a snapshot: its chunk is gone, and its hash is the base of what is left.
      const chain = base && base[0] - 1 === row.offset ? base[1] : at.get(rowId(stream, row.offset));
      const typed = [row.state, row.hash, row.chain].every((value) => Buffer.isBuffer(value));
      const whole = typed && hash('sha256', row.state, 'buffer').equals(row.hash);
      if (whole && chain?.equals(row.chain)) return { offset: row.offset, state: owned(row.state) };
    }
    return null;
  }
}

/** The events of `chunk` from `from` on, as many as fit, at least one. */
function slice(chunk: StoredChunk, from: number, maxEvents: number, maxBytes: number): PageBytes {
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
    snapshot: ({ stream, name, version }) => reader().snapshot(stream, name, version),
    page: (request) => reader().page(request),
    blob: ({ hash: name, offset, length }) =>
      owned(readBlobFile(dir, name).subarray(offset, offset + length)),
  };
}
