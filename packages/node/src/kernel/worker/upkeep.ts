/** What the writer does between commits, a slice at a time: receipts to their index, small chunks joined, checkpoints. */
import { offHeap } from '../../off-heap.ts';
import type { Head } from '../log/heads.ts';
import { Merger } from '../log/merge.ts';
import { settleReceipts } from '../log/retention.ts';
import { type Db, PAGE_SIZE } from '../log/schema.ts';
import { inTransaction, relaxed } from '../log/transaction.ts';

/** Milliseconds without a commit after which there is time for upkeep, and between its slices then and otherwise. */
const QUIET_MS = 40;
const SLICE_MS = 1;
const PRESSED_MS = 5;

/** What may wait for a quiet moment. Beyond, slices run between the commits. */
const MAX_RECENT = 16_384;
const MAX_SMALL = 262_144;

/** Receipts moved in a slice: under a millisecond. */
const RECEIPTS = 512;

/** Bytes of WAL after which a quiet moment, or at last the next commit, is used for a checkpoint: 3 to 8 ms. */
const CHECKPOINT_IDLE = 4 * 1024 * 1024;
const CHECKPOINT_MUST = 24 * 1024 * 1024;

export class Upkeep {
  readonly #db: Db;
  readonly #heads: Map<number, Head>;
  readonly #merger: Merger;
  /** Streams that may have small chunks to be joined. */
  readonly #joinable = new Set<number>();
  #timer: NodeJS.Timeout | undefined;
  #lastCommit = 0;
  /** As estimated, and what the last checkpoint found for each byte of its estimate. */
  #walBytes = 0;
  #walFactor = 1.5;
  #recent = 0;
  #small = 0;

  constructor(db: Db, heads: Map<number, Head>) {
    this.#db = db;
    this.#heads = heads;
    this.#merger = new Merger(db);
    this.#mark();
    for (const head of heads.values()) if (this.#merger.due(head)) this.#joinable.add(head.number);
    if (this.#joinable.size > 0) this.#wake(QUIET_MS);
  }

  /** After a transaction that wrote about so many bytes of WAL, chunks and receipts. */
  committed(wal: number, chunks: number, receipts: number): void {
    this.#lastCommit = performance.now();
    this.#walBytes += wal * this.#walFactor;
    this.#recent += receipts;
    this.#small += chunks;
    if (this.#walBytes > CHECKPOINT_MUST) setImmediate(() => this.checkpoint(CHECKPOINT_MUST));
    this.#wake(QUIET_MS);
  }

  #wake(ms: number): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#run();
    }, ms);
  }

  #run(): void {
    const since = performance.now() - this.#lastCommit;
    const pressed = this.#recent > MAX_RECENT || this.#small > MAX_SMALL;
    if (since < QUIET_MS && !pressed) return this.#wake(QUIET_MS - since);
    let more = false;
    try {
      more = relaxed(this.#db, () => this.#receipts() || this.#join());
    } catch {
      // A full disk: all stays as it is, and is tried again after the next commit.
    }
    offHeap.look();
    if (more) this.#wake(since < QUIET_MS ? PRESSED_MS : SLICE_MS);
  }

  #receipts(): boolean {
    if (this.#recent === 0) return false;
    if (!settleReceipts(this.#db, RECEIPTS)) this.#recent = 0;
    return this.#recent > 0 || this.#joinable.size > 0;
  }

  #join(): boolean {
    const [number] = this.#joinable;
    if (number === undefined) return false;
    const head = this.#heads.get(number);
    this.#joinable.delete(number);
    if (head && this.#merger.due(head)) {
      // Damage is left where it is: whoever reads it is told.
      const through = this.#merger.slice(head);
      this.#walBytes += 128 * 1024;
      this.#small = Math.max(0, this.#small - (through - head.sealed));
      if (through > head.sealed) {
        this.#heads.set(number, { ...head, sealed: through });
        this.#joinable.add(number);
      }
    }
    if (this.#joinable.size === 0) this.#small = 0;
    return this.#joinable.size > 0;
  }

  /** Moves the WAL into the database once it has so many bytes, then marks all of it as verified: this process wrote or verified it. */
  checkpoint(from = CHECKPOINT_IDLE): void {
    if (!this.#db.open || this.#walBytes < from) return;
    const estimate = this.#walBytes / this.#walFactor;
    this.#walBytes = 0;
    try {
      const [state] = this.#db.pragma('wal_checkpoint(PASSIVE)') as { log: number }[];
      const found = ((state?.log ?? 0) * PAGE_SIZE) / (estimate + 1);
      this.#walFactor = Math.min(4, Math.max(1, found));
      relaxed(this.#db, () => this.#mark());
    } catch {
      // Nothing is lost: the WAL holds it until a later checkpoint succeeds.
    }
    if (this.#joinable.size > 0) this.#wake(QUIET_MS);
  }

  #mark(): void {
    const due = [...this.#heads.values()].filter((head) => head.verified < head.offset);
    if (due.length === 0) return;
    const update = this.#db.prepare('UPDATE streams SET verified = ? WHERE number = ?');
    inTransaction(this.#db, () => {
      for (const head of due) update.run(head.offset, head.number);
    });
    for (const head of due) {
      const marked = { ...head, verified: head.offset };
      this.#heads.set(head.number, marked);
      if (this.#merger.due(marked)) this.#joinable.add(head.number);
    }
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
