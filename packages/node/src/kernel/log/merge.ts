/** Joins the small chunks of a stream behind the verified mark into sealed ones, a slice at a time (see seal.ts). */
import { ChunkReader } from './chunks.ts';
import type { Head } from './heads.ts';
import { type Db, rowId } from './schema.ts';
import { sealed } from './seal.ts';
import { inTransaction } from './transaction.ts';

/**
 * Events and bytes of a sealed chunk: a page of a subscription takes four. A slice of this size holds up a commit that
 * comes in the middle for about 2 ms.
 */
const EVENTS = 128;
const BYTES = 32 * 1024;

/** A chunk of this size is left as it is. */
const LARGE_EVENTS = 64;
const LARGE_BYTES = 12 * 1024;

/** Rows that one slice looks at; those that are left as they are cost little. */
const ROWS = 1024;

/** Row id, first offset, epoch, key, bytes, whether it is sealed. */
type Outline = [number, number, number, number, number, number];

/** Rows to be joined: after offset `after`, up to `last`. `full` if nothing more can join them. */
interface Run {
  after: number;
  last: number;
  rows: number;
  full: boolean;
}

export class Merger {
  readonly #db: Db;
  readonly #chunks: ChunkReader;
  readonly #outline;
  readonly #insert;
  readonly #remove;
  readonly #mark;

  constructor(db: Db) {
    this.#db = db;
    this.#chunks = new ChunkReader(db);
    this.#outline = db
      .prepare<[number, number], Outline>(
        `SELECT id, first, epoch, key, length(data), seal IS NOT NULL FROM chunks
          WHERE id > ? AND id <= ? ORDER BY id LIMIT ${ROWS}`,
      )
      .raw();
    this.#insert = db.prepare('INSERT INTO chunks VALUES (?, ?, ?, ?, ?, ?, ?, ?)');
    this.#remove = db.prepare('DELETE FROM chunks WHERE id > ? AND id <= ?');
    this.#mark = db.prepare('UPDATE streams SET sealed = ? WHERE number = ?');
  }

  /** True if a slice may find something to do; what is not yet verified through is left alone. */
  due(head: Head): boolean {
    return head.verified - head.sealed >= EVENTS;
  }

  /**
   * Joins the next run of small chunks; returns how far it has looked. Throws ChainBroken for damage, and then changes
   * nothing.
   */
  slice({ number, name, verified, base, sealed: seen }: Head): number {
    const from = Math.max(seen, base.offset);
    const rows = this.#outline.all(rowId(number, from), rowId(number, verified));
    const run = plan(rows, rowId(number, 0), from);
    if (!run.full && run.last - run.after < EVENTS) return this.#seen(number, seen, run.after);
    if (run.rows < 2) return this.#seen(number, seen, run.last);
    const start = this.#chunks.pointBefore(number, run.after + 1, base);
    const row = sealed(start.hash, name, [...this.#chunks.verified(number, name, start, run.last)]);
    inTransaction(this.#db, () => {
      this.#remove.run(rowId(number, run.after), rowId(number, run.last));
      const { first, epoch, key, hash, sizes, data, seal } = row;
      this.#insert.run(rowId(number, run.last), first, epoch, key, hash, sizes, data, seal);
      this.#mark.run(run.last, number);
    });
    return run.last;
  }

  #seen(number: number, before: number, offset: number): number {
    if (offset > before) this.#mark.run(offset, number);
    return offset;
  }
}

/** The first run of small rows after `from`. */
function plan(rows: readonly Outline[], zero: number, from: number): Run {
  const run: Run = { after: from, last: from, rows: 0, full: false };
  let bytes = 0;
  let like = '';
  for (const [id, first, epoch, key, length, isSealed] of rows) {
    const last = id - zero;
    const large = isSealed === 1 || last - first + 1 >= LARGE_EVENTS || length >= LARGE_BYTES;
    if (large && run.rows === 0) {
      run.after = last;
      run.last = last;
      continue;
    }
    const fits = last - run.after <= EVENTS && bytes + length <= BYTES;
    if (large || (run.rows > 0 && (!fits || like !== `${epoch} ${key}`))) return { ...run, full: true };
    like = `${epoch} ${key}`;
    bytes += length;
    run.rows += 1;
    run.last = last;
  }
  return run;
}
