/** What takes rows away again: receipts whose time has come, events behind a snapshot, whole streams (K2, L5, L8). */
import { RECEIPT_KEEP_MS } from '@skein/protocol/limits';
import type { RetainRequest } from '../wire.ts';
import { ChainBroken, type ChainPoint, ChunkReader } from './chunks.ts';
import { type Db, rowId } from './schema.ts';
import { sealed, transactions } from './seal.ts';
import { inTransaction } from './transaction.ts';
import { isWhole, type StoredSnapshot } from './whole-snapshot.ts';

/** Milliseconds. Acknowledgements of one hour share a row, so a receipt may stay an hour longer than it must. */
const BUCKET_MS = 3_600_000;

/** Remembers that each client has the replies up to a seq. */
export function recordAcks(db: Db, acks: readonly [number, number][], now: number): void {
  const upsert = db.prepare(
    `INSERT INTO acks VALUES (?, ?, ?, ?) ON CONFLICT (client, bucket)
      DO UPDATE SET seq = max(seq, excluded.seq), at = max(at, excluded.at)`,
  );
  inTransaction(db, () => {
    for (const [client, seq] of acks) upsert.run(client, Math.floor(now / BUCKET_MS), seq, now);
  });
}

/**
 * Moves receipts from the table they are appended to into the one they are looked up in. Written straight to the
 * latter, the receipts of 64 clients would touch 64 pages in each transaction, and cost more than all else in it.
 * Moves the oldest, as many as `most`; returns whether there may be more.
 */
export function settleReceipts(db: Db, most: number): boolean {
  const oldest = db.prepare<[], number | null>('SELECT min(id) FROM recent').pluck().get();
  if (typeof oldest !== 'number') return false;
  const last = oldest + most - 1;
  return inTransaction(db, () => {
    db.prepare(
      `INSERT OR IGNORE INTO receipts SELECT client, seq, target, body, reply, streams FROM recent
        WHERE id <= ? ORDER BY client, seq`,
    ).run(last);
    return db.prepare('DELETE FROM recent WHERE id <= ?').run(last).changes === most;
  });
}

/** Deletes receipts acknowledged more than RECEIPT_KEEP_MS ago and raises the watermarks over them; returns how many. */
export function sweepReceipts(db: Db, now: number): number {
  const due = db
    .prepare<[number], { client: number; seq: number }>(
      'SELECT client, max(seq) AS seq FROM acks WHERE at <= ? GROUP BY client',
    )
    .all(now - RECEIPT_KEEP_MS);
  if (due.length === 0) return 0;
  settleReceipts(db, Number.MAX_SAFE_INTEGER);
  return inTransaction(db, () => {
    let removed = 0;
    for (const { client, seq } of due) {
      db.prepare('UPDATE clients SET watermark = max(watermark, ?) WHERE number = ?').run(seq, client);
      removed += db.prepare('DELETE FROM receipts WHERE client = ? AND seq <= ?').run(client, seq).changes;
    }
    db.prepare('DELETE FROM acks WHERE at <= ?').run(now - RECEIPT_KEEP_MS);
    return removed;
  });
}

/**
 * Drops the events up to the newest sound snapshot of reducer `name` that lies before `before`; returns what is before the
 * first event kept, or undefined if there is no such snapshot that would drop any.
 */
export function cutBefore(db: Db, { stream, name, version, before }: RetainRequest): ChainPoint | undefined {
  const { name: streamName } = db
    .prepare<[number], { name: string }>('SELECT name FROM streams WHERE number = ?')
    .get(stream) ?? { name: '' };
  const chunks = new ChunkReader(db);
  // Behind a cut at one that is not whole, nothing could be replayed any more.
  const row = db
    .prepare<[number, string, number, number, number], { offset: number } & StoredSnapshot>(
      `SELECT offset, chain, hash, state FROM snapshots WHERE stream = ? AND name = ? AND version = ? AND offset < ?
        AND offset >= (SELECT retained FROM streams WHERE number = ?) ORDER BY offset DESC`,
    )
    .all(stream, name, version, before, stream)
    .find((one) => isWhole(one, chunks.hashAt(stream, streamName, one.offset)));
  if (!row) return undefined;
  inTransaction(db, () => {
    splitAfter(db, stream, streamName, row.offset);
    db.prepare('DELETE FROM chunks WHERE id >= ? AND id <= ?').run(
      rowId(stream, 0),
      rowId(stream, row.offset),
    );
    db.prepare('DELETE FROM blob_refs WHERE stream = ? AND offset <= ?').run(stream, row.offset);
    db.prepare('UPDATE streams SET retained = ?, base = ?, verified = max(verified, ?) WHERE number = ?').run(
      row.offset + 1,
      row.chain,
      row.offset,
      stream,
    );
  });
  return { offset: row.offset, hash: row.chain };
}

/** If a sealed chunk reaches past `offset`, replaces it by its part behind that. */
function splitAfter(db: Db, stream: number, name: string, offset: number): void {
  const chunk = new ChunkReader(db).holding(stream, offset);
  if (!chunk || chunk.last === offset) return;
  const previous = chunk.seal?.subarray(0, 32);
  const parts = previous ? [...transactions(previous, name, chunk)] : [];
  const cut = parts.findIndex(({ last }) => last === offset);
  const at = parts[cut];
  if (!at || parts.at(-1)?.last !== chunk.last) throw new ChainBroken(name, chunk.first - 1);
  const { first, sizes, data, seal } = sealed(at.hash, name, parts.slice(cut + 1));
  db.prepare('UPDATE chunks SET first = ?, sizes = ?, data = ?, seal = ? WHERE id = ?').run(
    first,
    sizes,
    data,
    seal,
    rowId(stream, chunk.last),
  );
}

/** The hashes of all blobs that some event refers to. */
export function referencedBlobs(db: Db): Set<string> {
  return new Set(db.prepare<[], string>('SELECT DISTINCT hash FROM blob_refs').pluck().all());
}
