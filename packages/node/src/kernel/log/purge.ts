/** Removes a stream in slices between the commits: first what makes it a stream, then its events, then what is left of them (L8). */
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
 * After this the stream is no more, whatever happens. Of receipts that concern it only their ids stay, so that their
 * commands are not run again (K2).
 */
export function forgetStream(db: Db, stream: number, name: string): void {
  settleReceipts(db, Number.MAX_SAFE_INTEGER);
  inTransaction(db, () => {
    for (const table of ['snapshots', 'effects', 'blob_refs', 'epochs']) {
      db.prepare(`DELETE FROM ${table} WHERE stream = ?`).run(stream);
    }
    db.prepare(
      `UPDATE receipts SET target = '', body = x'', reply = x'', streams = ''
        WHERE target = ? OR instr(streams, ?) > 0`,
    ).run(name, `,${stream},`);
    db.prepare(
      "UPDATE streams SET name = 'removed ' || number, retained = ?, base = x'', cells = x'' WHERE number = ?",
    ).run(REMOVING, stream);
  });
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

  /** One slice; `page` is 0 at first, then what the last slice returned, until that is null. */
  slice(stream: number, page: number): number | null {
    // After a repair another may have its number.
    if (!removing(this.#db).includes(stream)) return null;
    if (page === 0 && relaxed(this.#db, () => this.#deleteChunks(stream)) === CHUNKS) return 0;
    if (page === 0 && relaxed(this.#db, () => dropCells(this.#db, stream, CELLS)) === CELLS) return 0;
    if (Number(this.#db.pragma('page_count', { simple: true })) > MAX_PAGES) this.#db.exec('VACUUM');
    this.#fd ??= openSync(join(this.#dir, DB_FILE), 'r+');
    const next = scrubSlice(this.#db, this.#fd, page === 0 ? 0 : page);
    if (next !== null) return next;
    for (const file of readdirSync(this.#dir)) {
      if (file.startsWith('log.damaged-')) rmSync(join(this.#dir, file), { force: true });
    }
    this.#db.prepare('DELETE FROM streams WHERE number = ?').run(stream);
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
