/** The writer worker: the only connection that writes, the anchors, and the checkpoints between commits. */
import { SkeinError } from '@skein/protocol/errors';
import { unpack } from '../codec.ts';
import { Anchors } from '../log/anchors.ts';
import { sweepBlobs } from '../log/blob-files.ts';
import { startEpoch } from '../log/epochs.ts';
import { type Head, readHeads, toStreamRow } from '../log/heads.ts';
import { forgetStreams, Purge, removing } from '../log/purge.ts';
import { cutBefore, recordAcks, referencedBlobs, settleReceipts, sweepReceipts } from '../log/retention.ts';
import { type Db, openWriter, PAGE_SIZE, shrink } from '../log/schema.ts';
import { inTransaction } from '../log/transaction.ts';
import type { DamageReport } from '../options.ts';
import { openSound } from '../repair/open-sound.ts';
import { type Finding, putAside, repairLog } from '../repair/repair.ts';
import type {
  Batch,
  Opened,
  PackedBatch,
  PendingEffect,
  RetainRequest,
  StreamRow,
  WriterOps,
} from '../wire.ts';
import { Committer } from './commit.ts';
import { type Handlers, storageError } from './serve.ts';
import { Upkeep } from './upkeep.ts';

/** Milliseconds between anchors while heads move (L6). */
const ANCHOR_MS = 1000;

/** Pages that a transaction changes besides one for each chunk, and what a chunk may cost beyond its bytes. */
const PAGES_EACH = 8;

class LogWriter {
  readonly #dir: string;
  #anchors: Anchors;
  #db: Db;
  #heads = new Map<number, Head>();
  #committer: Committer;
  readonly #moved = new Set<number>();
  #timer: NodeJS.Timeout | undefined;
  #now: number;
  readonly #upkeep: Upkeep;
  readonly #purge: Purge;
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
      // What a repair has put aside may still refer to blobs that the log does not.
      if (!this.damage) sweepBlobs(dir, referencedBlobs(this.#db));
      settleReceipts(this.#db, Number.MAX_SAFE_INTEGER);
      sweepReceipts(this.#db, now);
      if (this.damage || this.#anchors.broken > 0) this.#anchorAll();
      this.#upkeep = new Upkeep(this.#db, this.#heads);
      this.#purge = new Purge(this.#db, dir);
    } catch (error) {
      // A connection left open would take the next one's WAL away when it is collected.
      this.#db.close();
      this.#anchors.close();
      throw error;
    }
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
      removing: removing(this.#db),
      damage: this.damage,
    };
  }

  commit({ packed, large }: PackedBatch): null {
    // Our own main thread packed it a moment ago.
    const batch = unpack(packed) as Batch;
    this.#now = batch.now;
    for (const head of this.#committer.apply(batch, large)) this.#moved.add(head.number);
    const pages = batch.chunks.length + PAGES_EACH;
    const bytes = large.reduce((sum, value) => sum + value.length, packed.length);
    // They were given to us alone: given back at once, however large they are.
    for (const value of large) value.buffer.transfer(0);
    this.#upkeep.committed(pages * PAGE_SIZE + bytes, batch.chunks.length, batch.receipts.length);
    this.#timer ??= setTimeout(() => this.#tick(), ANCHOR_MS);
    return null;
  }

  /** Off the path of any command: anchors, and a checkpoint if one is due. */
  #tick(): void {
    this.#timer = undefined;
    try {
      this.anchor();
      this.#upkeep.checkpoint();
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
    this.#anchors.replace(used.map((head) => this.#anchorOf(head)));
  }

  ack(acks: [number, number][], now: number): null {
    recordAcks(this.#db, acks, now);
    return null;
  }

  sweep(now: number): number {
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

  retain(request: RetainRequest): number {
    const { stream, before } = request;
    const head = this.#head(stream);
    const base = cutBefore(this.#db, { ...request, before: Math.min(before, head.offset) });
    if (!base || base.offset <= head.base.offset) return head.base.offset + 1;
    const { verified, sealed } = head;
    this.#heads.set(stream, {
      ...head,
      base,
      verified: Math.max(verified, base.offset),
      sealed: Math.max(sealed, base.offset),
    });
    sweepBlobs(this.#dir, referencedBlobs(this.#db));
    return base.offset + 1;
  }

  /** The first part of a removal; the anchors go before, so that a crash between leaves no stream that seems lost. */
  purge(streams: WriterOps['purge']['args']['streams']): number[] {
    // After a repair another may have its number.
    const going = streams.filter(({ stream, name }) => this.#heads.get(stream)?.name === name);
    if (going.length === 0) return [];
    const names = new Set(going.map(({ name }) => name));
    const others = [...this.#heads.values()].flatMap(({ name }) => (names.has(name) ? [] : [name]));
    this.#anchors.keepOnly(new Set(others));
    for (const { stream } of going) this.#moved.add(stream);
    forgetStreams(this.#db, going);
    for (const { stream } of going) {
      this.#heads.delete(stream);
      this.#moved.delete(stream);
    }
    sweepBlobs(this.#dir, referencedBlobs(this.#db));
    return going.map(({ stream }) => stream);
  }

  clear(stream: number): boolean {
    return this.#purge.clear(stream);
  }

  scrub(streams: readonly number[], page: number): number | null {
    return this.#purge.slice(streams, page);
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

  rest(): null {
    shrink(this.#db);
    return null;
  }

  /** Anchors come last, so that the next start knows of all that was committed, even if the database is broken. */
  close(): void {
    clearTimeout(this.#timer);
    this.#upkeep.stop();
    try {
      this.#upkeep.checkpoint(0);
      this.anchor();
    } finally {
      this.#anchors.close();
      this.#db.close();
      this.#purge.close();
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
    const { code, message } = storageError(error, dir);
    let aside: string[] = [];
    try {
      if (code !== 'log_damaged') throw error;
      aside = putAside(dir, now);
    } finally {
      writer?.close();
    }
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
      open?.close();
      open = undefined;
      const { writer: made, opened } = openRepaired(dir, now);
      open = made;
      return opened;
    },
    commit: (batch) => writer().commit(batch),
    ack: ({ acks, now }) => writer().ack(acks, now),
    sweep: ({ now }) => writer().sweep(now),
    snapshot: (row) => writer().snapshot(row),
    retain: (request) => writer().retain(request),
    purge: ({ streams }) => writer().purge(streams),
    clear: ({ stream }) => writer().clear(stream),
    scrub: ({ streams, page }) => writer().scrub(streams, page),
    newEpoch: ({ stream, now }) => writer().newEpoch(stream, now),
    repair: ({ now, reason }) => {
      const old = writer();
      // Where there is no room for the copies, the writer that is open stays the only one.
      const aside = putAside(dir, now);
      open = undefined;
      old.close();
      open = new LogWriter(dir, now, { reason, aside });
      return open.opened();
    },
    limit: ({ pages }) => writer().limit(pages),
    rest: () => open?.rest() ?? null,
    close: () => {
      writer().close();
      open = undefined;
      return null;
    },
  };
}
