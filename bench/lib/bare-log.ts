/** The yardstick of the log: SQLite alone, durable, writing the rows and the hash that a command needs, and reading pages. */
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { pack, unpackAll } from '@skein/protocol/codec';
import Database from 'better-sqlite3';
import { atEnd } from './teardown.ts';

/** What a rename adds: an event in the session's stream, one in the node's, and the receipt. */
const NODE_STREAM = 0;

/** Events in a page, as the channel has them. */
const PAGE = 512;

/** An event of the size that sessions have. */
export function sampleEvent(n: number) {
  const by = { kind: 'owner', client: 'bench' };
  return { type: 'session.renamed', at: 1_760_000_000_000 + n, by, body: { name: `name-${n}` } };
}

export class BareLog {
  readonly #db: Database.Database;
  readonly #event;
  readonly #receipt;
  readonly #hashes = new Map<number, Buffer>();
  readonly #offsets = new Map<number, number>();
  readonly close: () => void;

  constructor() {
    const directory = mkdtempSync('/tmp/skb-');
    this.#db = new Database(join(directory, 'bare.db'));
    this.#db.pragma('journal_mode = WAL');
    this.#db.pragma('synchronous = FULL');
    this.#db.exec(`
      CREATE TABLE events (stream INTEGER, offset INTEGER, hash BLOB, data BLOB, PRIMARY KEY (stream, offset)) WITHOUT ROWID;
      CREATE TABLE receipts (client INTEGER, seq INTEGER, body BLOB, reply BLOB, PRIMARY KEY (client, seq)) WITHOUT ROWID;`);
    this.#event = this.#db.prepare('INSERT INTO events VALUES (?, ?, ?, ?)');
    this.#receipt = this.#db.prepare('INSERT INTO receipts VALUES (?, ?, ?, ?)');
    this.close = atEnd(() => {
      this.#db.close();
      rmSync(directory, { recursive: true, force: true });
    });
  }

  /** One durable transaction with the rows of a rename for each client; the node's events share one row and one hash. */
  rename(clients: readonly number[], seq: number): void {
    this.#db.exec('BEGIN IMMEDIATE');
    this.#append(NODE_STREAM, Buffer.concat(clients.map((client) => pack(sampleEvent(client + seq)))));
    for (const client of clients) {
      this.#append(client, pack(sampleEvent(seq)));
      const body = createHash('sha256').update(`${client} ${seq}`).digest();
      this.#receipt.run(client, seq, body, pack({ ok: true }));
    }
    this.#db.exec('COMMIT');
  }

  /** Fills a stream with events, a row each, for reading. */
  fill(events: number): void {
    this.#db.transaction(() => {
      for (let n = 1; n <= events; n++) this.#event.run(1, n, null, pack(sampleEvent(n)));
    })();
  }

  /** Reads a whole stream by pages and decodes every event; returns how many. */
  replay(): number {
    const page = this.#db
      .prepare<[number], Buffer>(
        `SELECT data FROM events WHERE stream = 1 AND offset > ? ORDER BY offset LIMIT ${PAGE}`,
      )
      .pluck();
    let read = 0;
    for (;;) {
      const rows = page.all(read);
      if (rows.length === 0) return read;
      for (const row of rows) unpackAll(row);
      read += rows.length;
    }
  }

  #append(stream: number, data: Uint8Array): void {
    const offset = (this.#offsets.get(stream) ?? 0) + 1;
    const chain = createHash('sha256')
      .update(this.#hashes.get(stream) ?? '')
      .update(data)
      .digest();
    this.#event.run(stream, offset, chain, data);
    this.#offsets.set(stream, offset);
    this.#hashes.set(stream, chain);
  }
}
