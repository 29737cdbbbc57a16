/** The writer worker: the only connection that writes, the anchors, and the checkpoints between commits. */
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { SkeinError } from '@skein/protocol/errors';
import { Anchors } from './anchors.ts';
import { sweepBlobs } from './blob-files.ts';
import { unpack } from './codec.ts';
import { Committer, inTransaction } from './commit.ts';
import { startEpoch } from './epochs.ts';
import { type Head, readHeads, toStreamRow } from './heads.ts';
import { openSound } from './open-sound.ts';
import { type Finding, putAside, repairLog } from './repair.ts';
import {
  cutBefore,
  deleteStream,
  recordAcks,
  referencedBlobs,
  settleReceipts,
  sweepReceipts,
} from './retention.ts';
import { type Db, openWriter } from './schema.ts';
import { type Handlers, storageError } from './serve.ts';
import type { DamageReport } from './types.ts';
import type { Batch, Opened, PendingEffect, StreamRow, Swept, WriterOps } from './wire.ts';

/** Milliseconds between anchors while heads move (L6). */
const ANCHOR_MS = 1000;

/** Bytes of WAL after which a quiet moment, or at last the next commit, is used for a checkpoint. */
const CHECKPOINT_IDLE = 4 * 1024 * 1024;
const CHECKPOINT_MUST = 24 * 1024 * 1024;

/** Receipts after which those appended lately are moved to where they are looked up (see settleReceipts). */
const RECENT = 4096;

class LogWriter {
  readonly #dir: string;
  #anchors: Anchors;
  #db: Db;
  #heads = new Map<number, Head>();
  #committer: Committer;
  readonly #moved = new Set<number>();
  #timer: NodeJS.Timeout | undefined;
  #walBytes = 0;
  #recent = 0;
  #now: number;
  readonly damage: DamageReport | null;

  constructor(dir: string, now: number, found?: Finding) {
    this.#dir = dir;
    this.#now = now;
    this.#anchors = new Anchors(dir);
    const sound = found ?? openSound(dir, this.#anchors, now);
    if ('reason' in sound) {
      this.damage = repairLog(dir, this.#anchors.all(), now, sound);
      this.#db = openWriter(dir);
      this.#heads = readHeads(this.#db);
    } else {
      this.damage = null;
      this.#db = sound.db;
      this.#heads = sound.heads;
    }
    try {
      this.#committer = new Committer(this.#db, dir, this.#heads);
      sweepBlobs(dir, referencedBlobs(this.#db));
      settleReceipts(this.#db);
      sweepReceipts(this.#db, now);
      this.#mark(this.#heads.values());
    } catch (error) {
      // A connection left open would take the next one's WAL away when it is collected.
      this.#db.close();
      throw error;
    }
    if (this.damage || this.#anchors.broken > 0) this.#anchorAll();
  }

  opened(): Opened {
    const max = (table: string) =>
      Number(this.#db.prepare(`SELECT coalesce(max(number), 0) FROM ${table}`).pluck().get()) + 1;
    const effects = this.#db
      .prepare<[], PendingEffect>(
        `SELECT e.number, s.name AS target, id, kind, body FROM effects e JOIN streams s ON s.number = e.stream
          ORDER BY e.number`,
      )
      .all();
    return {
      streams: [...this.#heads.values()].map(toStreamRow),
      nextStream: max('streams'),
      nextClient: max('clients'),
      nextEffect: max('effects'),
      effects,
      damage: this.damage,
    };
  }

  commit(packed: Uint8Array): null {
    // Our own main thread packed it a moment ago.
    const batch = unpack(packed) as Batch;
    this.#now = batch.now;
    for (const head of this.#committer.apply(batch)) this.#moved.add(head.number);
    this.#walBytes += packed.length + 16384;
    this.#recent += batch.receipts.length;
    if (this.#walBytes > CHECKPOINT_MUST || this.#recent > RECENT) setImmediate(() => this.#housekeeping());
    this.#timer ??= setTimeout(() => this.#tick(), ANCHOR_MS);
    return null;
  }

  /** Off the path of any command: anchors, and a checkpoint if one is due. */
  #tick(): void {
    this.#timer = undefined;
    try {
      this.anchor();
      if (this.#walBytes > CHECKPOINT_IDLE) this.#checkpoint();
    } catch {
      // A full disk: the anchors stay due, and the next commit says so to whoever sent it.
      this.#timer = setTimeout(() => this.#tick(), ANCHOR_MS);
    }
  }

  anchor(): void {
    const due = [...this.#moved].flatMap((number) => this.#heads.get(number) ?? []);
    this.#anchors.append(due.map((head) => this.#anchorOf(head)));
    this.#moved.clear();
  }

  #anchorOf(head: Head) {
    const hash = Buffer.from(head.hash).toString('hex');
    return { stream: head.name, epoch: head.epoch, offset: head.offset, hash, time: this.#now };
  }

  #anchorAll(): void {
    const used = [...this.#heads.values()].filter((head) => head.offset > 0);
    this.#anchors.keepOnly(new Set());
    this.#anchors.append(used.map((head) => this.#anchorOf(head)));
    this.#anchors.rewrite();
  }

  #housekeeping(): void {
    try {
      if (this.#recent > RECENT && this.#db.open) {
        settleReceipts(this.#db);
        this.#recent = 0;
      }
    } catch {
      // They stay where they are, and are looked up there.
    }
    if (this.#walBytes > CHECKPOINT_MUST) this.#checkpoint();
  }

  /** Moves the WAL into the database, then marks all of it as verified: this process wrote or verified it. */
  #checkpoint(): void {
    if (!this.#db.open) return;
    this.#walBytes = 0;
    try {
      this.#db.pragma('wal_checkpoint(PASSIVE)');
      this.#mark(this.#heads.values());
    } catch {
      // Nothing is lost: the WAL holds it until a later checkpoint succeeds.
    }
  }

  #mark(heads: Iterable<Head>): void {
    const due = [...heads].filter((head) => head.verified < head.offset);
    if (due.length === 0) return;
    const update = this.#db.prepare('UPDATE streams SET verified = ? WHERE number = ?');
    inTransaction(this.#db, () => {
      for (const head of due) update.run(head.offset, head.number);
    });
    for (const head of due) this.#heads.set(head.number, { ...head, verified: head.offset });
  }

  ack(acks: [number, number][], now: number): null {
    recordAcks(this.#db, acks, now);
    return null;
  }

  sweep(now: number): Swept {
    return sweepReceipts(this.#db, now);
  }

  snapshot(row: WriterOps['snapshot']['args']): null {
    this.#committer.snapshot(row);
    return null;
  }

  #head(number: number): Head {
    const head = this.#heads.get(number);
    if (!head) throw new SkeinError('not_found', 'There is no such stream.');
    return head;
  }

  retain(stream: number, name: string, before: number): number {
    const head = this.#head(stream);
    const base = cutBefore(this.#db, stream, name, Math.min(before, head.offset));
    if (!base || base.offset <= head.base.offset) return head.base.offset + 1;
    this.#heads.set(stream, { ...head, base, verified: Math.max(head.verified, base.offset) });
    sweepBlobs(this.#dir, referencedBlobs(this.#db));
    return base.offset + 1;
  }

  /** Nothing of the stream stays in any file of the directory, put-aside copies of damaged logs included (L8). */
  purge(stream: number, name: string): null {
    deleteStream(this.#db, stream, name);
    this.#heads.delete(stream);
    this.#moved.delete(stream);
    // Deleted cells are zeroed, but pages that were split keep old copies in their slack: only a rewrite removes them.
    this.#db.exec('VACUUM');
    this.#db.pragma('wal_checkpoint(TRUNCATE)');
    sweepBlobs(this.#dir, referencedBlobs(this.#db));
    this.#anchors.keepOnly(new Set([...this.#heads.values()].map((head) => head.name)));
    for (const file of readdirSync(this.#dir)) {
      if (file.startsWith('log.damaged-')) rmSync(join(this.#dir, file), { force: true });
    }
    return null;
  }

  newEpoch(stream: number, now: number): StreamRow {
    const head = this.#head(stream);
    const { number, name, epoch: oldEpoch, offset, hash } = head;
    const start = { number, name, oldEpoch, from: { offset, hash }, now, reason: 'rollback' } as const;
    const next = { ...head, ...inTransaction(this.#db, () => startEpoch(this.#db, start)) };
    this.#heads.set(stream, next);
    this.#moved.add(stream);
    this.anchor();
    return toStreamRow(next);
  }

  limit(pages: number): null {
    const size = Number(this.#db.pragma('page_count', { simple: true }));
    this.#db.pragma(`max_page_count = ${pages === 0 ? 4294967294 : size + pages}`);
    return null;
  }

  /** Anchors come last, so that the next start knows of all that was committed, even if the database is broken. */
  close(): void {
    clearTimeout(this.#timer);
    try {
      this.#checkpoint();
      this.anchor();
    } finally {
      this.#anchors.close();
      this.#db.close();
    }
  }
}

/** Opens the log; what is broken beside the events, such as the receipts, shows only when it is first touched. */
function openRepaired(dir: string, now: number): { writer: LogWriter; opened: Opened } {
  let writer: LogWriter | undefined;
  try {
    writer = new LogWriter(dir, now);
    return { writer, opened: writer.opened() };
  } catch (error) {
    const { code, message } = storageError(error);
    const aside = code === 'log_damaged' ? putAside(dir, now) : [];
    writer?.close();
    if (code !== 'log_damaged') throw error;
    const repaired = new LogWriter(dir, now, { reason: message, aside });
    return { writer: repaired, opened: repaired.opened() };
  }
}

export function writerHandlers(dir: string): Handlers<WriterOps> {
  let open: LogWriter | undefined;
  const writer = () => {
    if (!open) throw new SkeinError('storage_unavailable', 'The log is not open.');
    return open;
  };
  return {
    open: ({ now }) => {
      const { writer: made, opened } = openRepaired(dir, now);
      open = made;
      return opened;
    },
    commit: (packed) => writer().commit(packed),
    ack: ({ acks, now }) => writer().ack(acks, now),
    sweep: ({ now }) => writer().sweep(now),
    snapshot: (row) => writer().snapshot(row),
    retain: ({ stream, name, before }) => writer().retain(stream, name, before),
    purge: ({ stream, name }) => writer().purge(stream, name),
    newEpoch: ({ stream, now }) => writer().newEpoch(stream, now),
    repair: ({ now, reason }) => {
      const old = writer();
      open = undefined;
      const aside = putAside(dir, now);
      old.close();
      open = new LogWriter(dir, now, { reason, aside });
      return open.opened();
    },
    limit: ({ pages }) => writer().limit(pages),
    close: () => {
      writer().close();
      open = undefined;
      return null;
    },
  };
}
