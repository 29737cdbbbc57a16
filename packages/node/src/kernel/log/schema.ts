/** The database of a node: its tables, its settings, and the numbers that its rows are found by. */
import { chmodSync, closeSync, mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { SkeinError } from '@skein/protocol/errors';
import Database from 'better-sqlite3';
import { LOG_FORMAT } from './format.ts';

export type Db = Database.Database;

/** Small enough that a transaction of one event writes little, and the same in every file, which repair relies on. */
export const PAGE_SIZE = 4096;

/** KB of pages that a connection keeps in memory; the system keeps them besides. The one that writes looks at few of them again. */
const CACHE_KB = { writer: 4000, reader: 8000 };

/**
 * A chunk's row id is stream × 2^35 + its last offset: rows of a stream lie together and a rowid lookup finds any of
 * them, which a two-column key without rowid does at twice the cost. 2^18 streams and 3.4 × 10^10 events in each fit
 * in a safe integer (STREAMS in ../wire.ts).
 */
export const STREAM_SPAN = 2 ** 35;

/** What `retained` says in the row of a stream that is being removed: its number is not free yet. */
export const REMOVING = -1;

export function rowId(stream: number, offset: number): number {
  return stream * STREAM_SPAN + offset;
}

/** `hash` comes first, so that it is read without the value, which may fill thousands of pages. */
const CELLS = `CREATE TABLE cells (stream INTEGER NOT NULL, key TEXT NOT NULL, hash BLOB NOT NULL, value BLOB NOT NULL,
  PRIMARY KEY (stream, key));
`;

// The order is part of the format: the tables' root pages follow from it (see ../repair/repair.ts).
const TABLES = `
CREATE TABLE chunks (id INTEGER PRIMARY KEY, first INTEGER NOT NULL, epoch INTEGER NOT NULL, key INTEGER NOT NULL,
  hash BLOB NOT NULL, sizes BLOB NOT NULL, data BLOB NOT NULL, seal BLOB);
CREATE TABLE streams (number INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, epoch INTEGER NOT NULL,
  retained INTEGER NOT NULL, base BLOB NOT NULL, verified INTEGER NOT NULL,
  sealed INTEGER NOT NULL DEFAULT 0, cells BLOB NOT NULL DEFAULT x'');
CREATE TABLE receipts (client INTEGER NOT NULL, seq INTEGER NOT NULL, target TEXT NOT NULL, body BLOB NOT NULL,
  reply BLOB NOT NULL, streams TEXT NOT NULL DEFAULT '', PRIMARY KEY (client, seq)) WITHOUT ROWID;
CREATE TABLE recent (id INTEGER PRIMARY KEY, client INTEGER NOT NULL, seq INTEGER NOT NULL, target TEXT NOT NULL,
  body BLOB NOT NULL, reply BLOB NOT NULL, streams TEXT NOT NULL DEFAULT '');
CREATE TABLE clients (number INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, watermark INTEGER NOT NULL);
CREATE TABLE acks (client INTEGER NOT NULL, bucket INTEGER NOT NULL, seq INTEGER NOT NULL, at INTEGER NOT NULL,
  PRIMARY KEY (client, bucket)) WITHOUT ROWID;
CREATE TABLE snapshots (stream INTEGER NOT NULL, name TEXT NOT NULL, offset INTEGER NOT NULL, version INTEGER NOT NULL,
  chain BLOB NOT NULL, hash BLOB NOT NULL, state BLOB NOT NULL, PRIMARY KEY (stream, name, offset));
CREATE TABLE effects (number INTEGER PRIMARY KEY, stream INTEGER NOT NULL, id TEXT NOT NULL, kind TEXT NOT NULL,
  body BLOB NOT NULL);
CREATE TABLE blob_refs (hash TEXT NOT NULL, stream INTEGER NOT NULL, offset INTEGER NOT NULL,
  PRIMARY KEY (hash, stream, offset)) WITHOUT ROWID;
CREATE TABLE epochs (stream INTEGER NOT NULL, epoch INTEGER NOT NULL, old_epoch INTEGER NOT NULL,
  offset INTEGER NOT NULL, hash BLOB NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (stream, epoch));
${CELLS}`;

/** What makes a log of format 1 one of format 2: seals (see seal.ts), and the streams that a receipt concerns. */
const TO_2 = `
ALTER TABLE chunks ADD COLUMN seal BLOB;
ALTER TABLE streams ADD COLUMN sealed INTEGER NOT NULL DEFAULT 0;
ALTER TABLE receipts ADD COLUMN streams TEXT NOT NULL DEFAULT '';
ALTER TABLE recent ADD COLUMN streams TEXT NOT NULL DEFAULT '';
`;

/** What makes it one of format 3: cells (see cells.ts), and the digest of a stream's. */
const TO_3 = `ALTER TABLE streams ADD COLUMN cells BLOB NOT NULL DEFAULT x'';
${CELLS}`;

/** By the format that each begins with. */
const UPGRADES: Record<number, string> = { 1: TO_2 + TO_3, 2: TO_3 };

/** 'SK' and two bytes that repeat user_version, so that a flipped bit is not taken for a newer format. */
const APPLICATION = 0x534b0000;

export const DB_FILE = 'log.db';

/**
 * Opens, and makes if need be, the one connection that writes. If that fails, `beforeClose` sees the files as they
 * are: closing moves the WAL into the database.
 */
export function openWriter(
  dir: string,
  file = DB_FILE,
  beforeClose: (error: unknown) => void = () => {},
): Db {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  chmodSync(dir, 0o700);
  const path = join(dir, file);
  // SQLite gives its WAL the mode of the database, so this one decides for all of them.
  closeSync(openSync(path, 'a', 0o600));
  const db = new Database(path, { timeout: 5_000 });
  try {
    db.pragma(`page_size = ${PAGE_SIZE}`);
    db.pragma('journal_mode = WAL');
    db.pragma('synchronous = FULL');
    db.pragma('secure_delete = ON');
    db.pragma(`cache_size = -${CACHE_KB.writer}`);
    // Checkpoints are the writer's own business, so that none falls between a command and its answer by chance.
    db.pragma('wal_autocheckpoint = 0');
    // Twice what a WAL grows to: cutting it shorter and growing it again would take longer than a checkpoint.
    db.pragma('journal_size_limit = 67108864');
    const version = Number(db.pragma('user_version', { simple: true }));
    const twin = Number(db.pragma('application_id', { simple: true }));
    if (version > LOG_FORMAT && twin === APPLICATION + version) {
      throw new SkeinError(
        'database_newer',
        `The log was written by a newer Skein (format ${version}); update this one.`,
        {
          found: version,
          supported: LOG_FORMAT,
        },
      );
    }
    const fresh = version === 0 && twin === 0;
    if (!fresh && twin !== APPLICATION + version) {
      throw new SkeinError('log_damaged', 'The header of the log is damaged.');
    }
    if (version < LOG_FORMAT) {
      db.exec(`BEGIN IMMEDIATE; ${fresh ? TABLES : (UPGRADES[version] ?? '')} PRAGMA user_version = ${LOG_FORMAT};
        PRAGMA application_id = ${APPLICATION + LOG_FORMAT}; COMMIT`);
    }
    return db;
  } catch (error) {
    try {
      beforeClose(error);
    } finally {
      db.close();
    }
    throw error;
  }
}

/** Lets go of the pages that a connection keeps in memory. The system keeps them too, so that they are soon back. */
export function shrink(db: Db): void {
  db.pragma('shrink_memory');
}

/** A connection that only reads. It must come after the writer, which makes the file and its WAL. */
export function openReader(dir: string, file = DB_FILE): Db {
  const db = new Database(join(dir, file), { readonly: true, timeout: 5_000 });
  db.pragma(`cache_size = -${CACHE_KB.reader}`);
  return db;
}

/** True for errors that say the database itself is broken, rather than the disk full or the file locked. */
export function isCorruption(error: unknown): boolean {
  if (error instanceof SkeinError) return error.code === 'log_damaged';
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (code.startsWith('SQLITE_CORRUPT') || code === 'SQLITE_NOTADB' || code === 'SQLITE_FORMAT') return true;
  // A flipped byte in the schema's text shows as a plain SQLite error: our statements are constant and were right.
  return code === 'SQLITE_ERROR' || code === 'SQLITE_IOERR_SHORT_READ';
}
