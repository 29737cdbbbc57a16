/** One transaction of the log: events, receipts, effects, cells, snapshots and blobs, all or nothing (L1, L2, L9, K2, K4). */
import { hash } from 'node:crypto';
import { writeBlob } from '../log/blob-files.ts';
import { CellWriter } from '../log/cells.ts';
import { chainHash, GENESIS } from '../log/chain.ts';
import { ChunkReader } from '../log/chunks.ts';
import type { Head } from '../log/heads.ts';
import { type Db, rowId } from '../log/schema.ts';
import { inTransaction } from '../log/transaction.ts';
import type { Batch, SnapshotRow } from '../wire.ts';

const NO_CELLS = Buffer.alloc(0);

export class Committer {
  readonly #db: Db;
  readonly #dir: string;
  readonly #heads: Map<number, Head>;
  readonly #begin;
  readonly #commit;
  readonly #chunk;
  readonly #stream;
  readonly #client;
  readonly #receipt;
  readonly #effect;
  readonly #effectDone;
  readonly #blobRef;
  readonly #snapshot;
  readonly #dropSnapshots;
  readonly #cells: CellWriter;

  constructor(db: Db, dir: string, heads: Map<number, Head>) {
    this.#db = db;
    this.#dir = dir;
    this.#heads = heads;
    this.#begin = db.prepare('BEGIN IMMEDIATE');
    this.#commit = db.prepare('COMMIT');
    this.#chunk = db.prepare('INSERT INTO chunks VALUES (?, ?, ?, 0, ?, ?, ?, NULL)');
    this.#stream = db.prepare('INSERT INTO streams VALUES (?, ?, ?, 1, ?, 0, 0, ?)');
    this.#cells = new CellWriter(db);
    this.#client = db.prepare('INSERT INTO clients VALUES (?, ?, 0)');
    this.#receipt = db.prepare('INSERT INTO recent VALUES (NULL, ?, ?, ?, ?, ?, ?)');
    this.#effect = db.prepare('INSERT INTO effects VALUES (?, ?, ?, ?, ?)');
    this.#effectDone = db.prepare('DELETE FROM effects WHERE number = ?');
    this.#blobRef = db.prepare('INSERT OR IGNORE INTO blob_refs VALUES (?, ?, ?)');
    this.#snapshot = db.prepare('INSERT OR REPLACE INTO snapshots VALUES (?, ?, ?, ?, ?, ?, ?)');
    this.#dropSnapshots = db.prepare(
      `DELETE FROM snapshots WHERE stream = ? AND name = ?
        AND offset NOT IN (SELECT offset FROM snapshots WHERE stream = ? AND name = ? ORDER BY offset DESC LIMIT 2)
        AND offset NOT IN (SELECT retained - 1 FROM streams WHERE number = ?)`,
    );
  }

  /** Throws, and changes nothing, if any part cannot be made durable. Returns the heads that moved. */
  apply(batch: Batch, large: readonly Uint8Array[] = []): Head[] {
    for (const [name, n] of batch.blobs) writeBlob(this.#dir, name, beside(n, large));
    const moved: Head[] = [];
    this.#begin.run();
    try {
      this.#write(batch, large, moved);
      this.#commit.run();
    } catch (error) {
      if (this.#db.inTransaction) this.#db.exec('ROLLBACK');
      throw error;
    }
    for (const head of moved) this.#heads.set(head.number, head);
    return moved;
  }

  #write(batch: Batch, large: readonly Uint8Array[], moved: Head[]): void {
    for (const chunk of batch.chunks) moved.push(this.#append(chunk));
    if (batch.cells.length > 0) {
      this.#cells.write(
        batch.cells.map(([stream, epoch, key, value]) => [stream, epoch, key, whole(value, large)]),
      );
    }
    for (const [number, name] of batch.clients) this.#client.run(number, name);
    for (const [client, seq, target, body, reply, streams] of batch.receipts) {
      this.#receipt.run(client, seq, target, body, reply, streams);
    }
    for (const [number, stream, id, kind, body] of batch.effects)
      this.#effect.run(number, stream, id, kind, body);
    for (const number of batch.effectsDone) this.#effectDone.run(number);
    for (const [name, , stream, offset] of batch.blobs) this.#blobRef.run(name, stream, offset);
    for (const [stream, name, version, offset, state] of batch.snapshots) {
      const head = moved.find((one) => one.number === stream && one.offset === offset);
      if (head) this.#store({ stream, name, version, offset, state }, head.hash);
    }
  }

  #append([number, name, epoch, first, sizes, data]: Batch['chunks'][number]): Head {
    const base = { offset: 0, hash: GENESIS };
    const known = this.#heads.get(number);
    const head = known ?? { number, name, epoch, offset: 0, hash: GENESIS, verified: 0, sealed: 0, base };
    if (head.offset + 1 !== first || head.epoch !== epoch) {
      throw new Error(`An event of ${name} was given offset ${first} after ${head.offset}.`);
    }
    const last = first + (sizes.length >>> 2) - 1;
    const hash = chainHash(head.hash, name, { epoch, first, last, key: 0, sizes, data });
    if (!known) this.#stream.run(number, name, epoch, GENESIS, NO_CELLS);
    this.#chunk.run(rowId(number, last), first, epoch, hash, sizes, data);
    return { ...head, offset: last, hash };
  }

  /** A snapshot at the end of a chunk whose chain hash is `chain` (L5); the two newest are kept, and that which the log was cut at. */
  #store(row: SnapshotRow, chain: Uint8Array): void {
    const { stream, name, offset, version, state } = row;
    this.#snapshot.run(stream, name, offset, version, chain, hash('sha256', state, 'buffer'), state);
    this.#dropSnapshots.run(stream, name, stream, name, stream);
  }

  /** Stores a projection's snapshot on its own; ignored unless `offset` ends a chunk. */
  snapshot(row: SnapshotRow): void {
    const name = this.#heads.get(row.stream)?.name;
    const chain = name && new ChunkReader(this.#db).hashAt(row.stream, name, row.offset);
    if (chain) inTransaction(this.#db, () => this.#store(row, chain));
  }
}

/** The value of a cell, from the batch or from beside it. */
function whole(value: Uint8Array | number | null, large: readonly Uint8Array[]): Uint8Array | null {
  return typeof value === 'number' ? beside(value, large) : value;
}

function beside(n: number, large: readonly Uint8Array[]): Uint8Array {
  const moved = large[n];
  if (!moved) throw new Error('A large value was not sent with its batch.');
  return moved;
}
