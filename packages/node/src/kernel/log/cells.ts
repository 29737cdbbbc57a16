/**
 * Cells (L9): values kept beside the events of a stream. They are in no chain, so the row of their stream has a digest of
 * all of them, and an altered, a lost or an older one shows before any is served.
 *
 * A cell's `hash` is the SHA-256 of its value. The digest is the XOR, over all cells of the stream, of sha256(stream 8 ‖
 * hash 32 ‖ key), the number as a little-endian double: a change costs the same however many there are.
 */
import { createHash, hash } from 'node:crypto';
import { SkeinError } from '@skein/protocol/errors';
import { type Db, REMOVING } from './schema.ts';

/** One change: number of the stream, its epoch, key, value; null removes. */
export type CellChange = [stream: number, epoch: number, key: string, value: Uint8Array | null];

interface Row {
  key: string;
  hash: Buffer;
}

const HASH = 32;
const NONE = Buffer.alloc(HASH);

function sha256(bytes: Uint8Array): Buffer {
  return hash('sha256', bytes, 'buffer');
}

/** Adds a cell to a digest, or takes it away again. */
function toggle(digest: Buffer, stream: number, { key, hash: valueHash }: Row): void {
  const share = createHash('sha256').update(Float64Array.of(stream)).update(valueHash).update(key).digest();
  for (let i = 0; i < HASH; i += 1) digest[i] = (digest[i] ?? 0) ^ (share[i] ?? 0);
}

/** The digest of a stream without cells is empty bytes. */
function digestOf(stored: unknown): Buffer {
  return Buffer.isBuffer(stored) && stored.length === HASH ? Buffer.from(stored) : Buffer.from(NONE);
}

function damaged(name: string): SkeinError {
  return new SkeinError('log_damaged', `What is kept beside ${name} is damaged.`, { stream: name });
}

/** A damaged row can hold any type in any column. */
function sound(row: { key: unknown; hash: unknown }): row is Row {
  return typeof row.key === 'string' && Buffer.isBuffer(row.hash) && row.hash.length === HASH;
}

export class CellWriter {
  readonly #stream;
  readonly #digest;
  readonly #known;
  readonly #put;
  readonly #remove;

  constructor(db: Db) {
    this.#stream = db.prepare<[number], { epoch: number; cells: unknown }>(
      `SELECT epoch, cells FROM streams WHERE number = ? AND retained <> ${REMOVING}`,
    );
    this.#digest = db.prepare('UPDATE streams SET cells = ? WHERE number = ?');
    this.#known = db.prepare<[number, string], Row>(
      'SELECT key, hash FROM cells WHERE stream = ? AND key = ?',
    );
    this.#put = db.prepare(
      `INSERT INTO cells VALUES (?, ?, ?, ?) ON CONFLICT (stream, key)
        DO UPDATE SET hash = excluded.hash, value = excluded.value`,
    );
    this.#remove = db.prepare('DELETE FROM cells WHERE stream = ? AND key = ?');
  }

  /** Must run in the transaction of the events that the cells belong to, after those. */
  write(changes: readonly CellChange[]): void {
    const digests = new Map<number, Buffer>();
    for (const change of changes) {
      const [stream, epoch] = change;
      const digest = digests.get(stream) ?? this.#begin(stream, epoch);
      digests.set(stream, digest);
      this.#change(digest, change);
    }
    for (const [stream, digest] of digests) {
      this.#digest.run(digest.equals(NONE) ? Buffer.alloc(0) : digest, stream);
    }
  }

  #begin(stream: number, epoch: number): Buffer {
    const row = this.#stream.get(stream);
    if (row?.epoch !== epoch) throw new Error(`A cell was written beside stream ${stream} of another epoch.`);
    return digestOf(row.cells);
  }

  #change(digest: Buffer, [stream, , key, value]: CellChange): void {
    const old = this.#known.get(stream, key);
    if (old) {
      // Written over without a look at the rest: if it is damaged, its next reader finds it.
      if (sound(old)) toggle(digest, stream, old);
      if (value === null) this.#remove.run(stream, key);
    }
    if (value === null) return;
    const fresh = { key, hash: sha256(value) };
    toggle(digest, stream, fresh);
    this.#put.run(stream, key, fresh.hash, value);
  }
}

/** Removes all of a stream's cells. Must run in a transaction; `most` bounds it, and then returns how many went. */
export function dropCells(db: Db, stream: number, most = -1): number {
  return db
    .prepare('DELETE FROM cells WHERE rowid IN (SELECT rowid FROM cells WHERE stream = ? LIMIT ?)')
    .run(stream, most).changes;
}

/** The cells of a stream whose keys begin with `prefix`, in the order of their keys' bytes; each is as it was written. */
export class CellReader {
  readonly #digest;
  readonly #rows;
  readonly #value;

  constructor(db: Db) {
    this.#digest = db
      .prepare<[number], unknown>(`SELECT cells FROM streams WHERE number = ? AND retained <> ${REMOVING}`)
      .pluck();
    this.#rows = db.prepare<[number], { key: unknown; hash: unknown }>(
      'SELECT key, hash FROM cells WHERE stream = ? ORDER BY key',
    );
    this.#value = db
      .prepare<[number, string], unknown>('SELECT value FROM cells WHERE stream = ? AND key = ?')
      .pluck();
  }

  /** Throws log_damaged unless everything kept beside the stream is there. Reads of one transaction. */
  read(stream: number, name: string, prefix: string): Map<string, Buffer> {
    const digest = digestOf(this.#digest.get(stream));
    const found = new Map<string, Buffer>();
    for (const row of this.#rows.all(stream)) {
      if (!sound(row)) throw damaged(name);
      toggle(digest, stream, row);
      if (!row.key.startsWith(prefix)) continue;
      const value = this.#value.get(stream, row.key);
      if (!Buffer.isBuffer(value) || !sha256(value).equals(row.hash)) throw damaged(name);
      found.set(row.key, value);
    }
    if (!digest.equals(NONE)) throw damaged(name);
    return found;
  }
}

/**
 * Copies the cells of `streams` out of a damaged database: of each stream all or none. The streams are those that have lost
 * nothing: beside one that has, cells would tell of events that are not there, or miss what was done after them.
 */
export function salvageCells(
  source: Db,
  target: Db,
  streams: readonly { number: number; name: string }[],
): void {
  const writer = new CellWriter(target);
  const epochOf = target.prepare<[number], number>('SELECT epoch FROM streams WHERE number = ?').pluck();
  for (const { number, name } of streams) {
    const epoch = epochOf.get(number);
    if (epoch === undefined) continue;
    const cells = wholeCells(source, number, name);
    writer.write([...cells].map(([key, value]): CellChange => [number, epoch, key, value]));
  }
}

/** What is not whole is worth nothing: whoever kept it begins anew. */
function wholeCells(source: Db, stream: number, name: string): Map<string, Buffer> {
  try {
    return new CellReader(source).read(stream, name, '');
  } catch {
    return new Map();
  }
}
