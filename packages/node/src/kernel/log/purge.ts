/** Removes streams in slices between the commits: first what makes them streams, then their events, then what is left of those (L8). */
import { closeSync, openSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { dropCells } from './cells.ts';
import { settleReceipts } from './retention.ts';
import { DB_FILE, type Db, REMOVING, rowId } from './schema.ts';
import { MAX_PAGES, scrubSlice } from './scrub.ts';
import { inTransaction, relaxed } from './transaction.ts';

/** Chunks deleted in a slice: at most 16 MiB, mostly far less. */
const CHUNKS = 256;

/** Cells deleted in a slice: mostly small, one of them at most 16 MiB. */
const CELLS = 4;

/**
 * After this the streams are no more, whatever happens. Of receipts that concern them only their ids stay, so that their
 * commands are not run again (K2).
 */
export function forgetStreams(db: Db, streams: readonly { stream: number; name: string }[]): void {
  settleReceipts(db, Number.MAX_SAFE_INTEGER);
  inTransaction(db, () => {
    for (const table of ['snapshots', 'effects', 'blob_refs', 'epochs']) {
      db.prepare(`DELETE FROM ${table} WHERE stream IN (SELECT value FROM json_each(?))`).run(
        JSON.stringify(streams.map(({ stream }) => stream)),
      );
    }
    emptyReceipts(db, streams);
    const remove = db.prepare(
      "UPDATE streams SET name = 'removed ' || number, retained = ?, base = x'', cells = x'' WHERE number = ?",
    );
    for (const { stream } of streams) remove.run(REMOVING, stream);
  });
}

/** One look at all of them, however many streams go. */
function emptyReceipts(db: Db, streams: readonly { stream: number; name: string }[]): void {
  const empty = "UPDATE receipts SET target = '', body = x'', reply = x'', streams = ''";
  db.prepare(`${empty} WHERE target IN (SELECT value FROM json_each(?))`).run(
    JSON.stringify(streams.map(({ name }) => name)),
  );
  const going = new Set(streams.map(({ stream }) => String(stream)));
  const all = db
    .prepare<[], [number, number, string]>("SELECT client, seq, streams FROM receipts WHERE streams <> ''")
    .raw();
  // There may be millions: only those that are meant are kept in memory.
  const concerned: [number, number][] = [];
  for (const [client, seq, others] of all.iterate())
    if (others.split(',').some((one) => going.has(one))) concerned.push([client, seq]);
  const one = db.prepare(`${empty} WHERE client = ? AND seq = ?`);
  for (const [client, seq] of concerned) one.run(client, seq);
}

/** Streams whose removal was begun. */
export function removing(db: Db): number[] {
  return db.prepare<[], number>(`SELECT number FROM streams WHERE retained = ${REMOVING}`).pluck().all();
}

/** The slices of removals. One a writer: closing a file would take away the locks that SQLite has on it. */
export class Purge {
  readonly #db: Db;
  readonly #dir: string;
  #fd: number | undefined;

  constructor(db: Db, dir: string) {
    this.#db = db;
    this.#dir = dir;
  }

  /** Deletes some of a stream's events and cells; false when there are no more. */
  clear(stream: number): boolean {
    // After a repair another may have its number.
    if (!removing(this.#db).includes(stream)) return false;
    if (relaxed(this.#db, () => this.#deleteChunks(stream)) === CHUNKS) return true;
    return relaxed(this.#db, () => dropCells(this.#db, stream, CELLS)) === CELLS;
  }

  /** One slice of what was left in the file; `page` is 0 at first, then what the last slice returned, until that is null. */
  slice(streams: readonly number[], page: number): number | null {
    const left = new Set(removing(this.#db));
    if (!streams.some((stream) => left.has(stream))) return null;
    if (Number(this.#db.pragma('page_count', { simple: true })) > MAX_PAGES) this.#db.exec('VACUUM');
    this.#fd ??= openSync(join(this.#dir, DB_FILE), 'r+');
    const next = scrubSlice(this.#db, this.#fd, page);
    if (next !== null) return next;
    for (const file of readdirSync(this.#dir)) {
      if (file.startsWith('log.damaged-')) rmSync(join(this.#dir, file), { force: true });
    }
    const remove = this.#db.prepare(`DELETE FROM streams WHERE number = ? AND retained = ${REMOVING}`);
    inTransaction(this.#db, () => {
      for (const stream of streams) remove.run(stream);
    });
    return null;
  }

  #deleteChunks(stream: number): number {
    return this.#db
      .prepare(
        `DELETE FROM chunks WHERE id IN (SELECT id FROM chunks WHERE id >= ? AND id < ? LIMIT ${CHUNKS})`,
      )
      .run(rowId(stream, 0), rowId(stream + 1, 0)).changes;
  }

  /** After the database is closed. */
  close(): void {
    if (this.#fd !== undefined) closeSync(this.#fd);
  }
}
