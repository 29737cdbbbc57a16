/** What takes rows away again: receipts whose time has come, events behind a snapshot, whole streams (K2, L5, L8). */
import { RECEIPT_KEEP_MS } from '@skein/protocol/limits';
import type { ChainPoint } from './chunks.ts';
import { inTransaction } from './commit.ts';
import { type Db, rowId } from './schema.ts';
import type { Swept } from './wire.ts';

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
 */
export function settleReceipts(db: Db): void {
  inTransaction(db, () => {
    db.exec(`INSERT OR IGNORE INTO receipts SELECT client, seq, target, body, reply FROM recent ORDER BY client, seq;
      DELETE FROM recent`);
  });
}

/** Deletes receipts acknowledged more than RECEIPT_KEEP_MS ago and raises the watermarks over them. */
export function sweepReceipts(db: Db, now: number): Swept {
  const due = db
    .prepare<[number], { client: number; seq: number }>(
      'SELECT client, max(seq) AS seq FROM acks WHERE at <= ? GROUP BY client',
    )
    .all(now - RECEIPT_KEEP_MS);
  if (due.length === 0) return { removed: 0, watermarks: [] };
  settleReceipts(db);
  return inTransaction(db, () => {
    let removed = 0;
    for (const { client, seq } of due) {
      db.prepare('UPDATE clients SET watermark = max(watermark, ?) WHERE number = ?').run(seq, client);
      removed += db.prepare('DELETE FROM receipts WHERE client = ? AND seq <= ?').run(client, seq).changes;
    }
    db.prepare('DELETE FROM acks WHERE at <= ?').run(now - RECEIPT_KEEP_MS);
    return { removed, watermarks: due };
  });
}

/**
 * Drops the events up to the newest snapshot of reducer `name` that lies before `before`; returns what is before the
 * first event kept, or undefined if there is no such snapshot.
 */
export function cutBefore(db: Db, stream: number, name: string, before: number): ChainPoint | undefined {
  const row = db
    .prepare<[number, string, number], { offset: number; chain: Buffer }>(
      'SELECT offset, chain FROM snapshots WHERE stream = ? AND name = ? AND offset < ? ORDER BY offset DESC LIMIT 1',
    )
    .get(stream, name, before);
  if (!row) return undefined;
  inTransaction(db, () => {
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

/** Removes every row of a stream. */
export function deleteStream(db: Db, stream: number, name: string): void {
  inTransaction(db, () => {
    db.prepare('DELETE FROM chunks WHERE id >= ? AND id < ?').run(rowId(stream, 0), rowId(stream + 1, 0));
    for (const table of ['snapshots', 'effects', 'blob_refs', 'epochs']) {
      db.prepare(`DELETE FROM ${table} WHERE stream = ?`).run(stream);
    }
    for (const table of ['receipts', 'recent']) db.prepare(`DELETE FROM ${table} WHERE target = ?`).run(name);
    db.prepare('DELETE FROM streams WHERE number = ?').run(stream);
  });
}

/** The hashes of all blobs that some event refers to. */
export function referencedBlobs(db: Db): Set<string> {
  return new Set(db.prepare<[], string>('SELECT DISTINCT hash FROM blob_refs').pluck().all());
}
