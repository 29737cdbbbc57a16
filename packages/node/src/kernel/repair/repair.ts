/** Repairs a damaged log: the files are put aside, a new database takes what is sound, and replaces the old one at once. */
import {
  closeSync,
  copyFileSync,
  existsSync,
  fsyncSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { sync } from '../../platform/files.ts';
import type { Anchor } from '../log/anchors.ts';
import { blobPath } from '../log/blob-files.ts';
import { DB_FILE, type Db, openWriter, PAGE_SIZE } from '../log/schema.ts';
import { inTransaction } from '../log/transaction.ts';
import type { DamageReport } from '../options.ts';
import { salvage } from './salvage.ts';
import { SalvagedBlobs } from './salvage-blobs.ts';
import { salvageRest } from './salvage-rest.ts';

/** What was found wrong, and the names of the copies made before anything was closed. */
export interface Finding {
  reason: string;
  aside: string[];
}

const REBUILT = 'log.rebuilt.db';

/**
 * The first page of every log says the same, since the tables are always made in one order: what differs is a few
 * counters. A log whose first page is broken can be read again with the first page of a new one.
 */
function graftFirstPage(from: string, onto: string): void {
  const page = Buffer.alloc(PAGE_SIZE);
  const source = openSync(from, 'r');
  readSync(source, page, 0, PAGE_SIZE, 0);
  closeSync(source);
  page.writeUInt32BE(Math.floor(statSync(onto).size / PAGE_SIZE), 28);
  page.writeUInt32BE(0, 32);
  page.writeUInt32BE(0, 36);
  const fd = openSync(onto, 'r+');
  page.copy(page, 92, 24, 28);
  writeSync(fd, page, 0, PAGE_SIZE, 0);
  closeSync(fd);
}

function removeFiles(dir: string, file: string): void {
  for (const suffix of ['-wal', '-shm']) rmSync(join(dir, file + suffix), { force: true });
}

/** Copies the database and its WAL to names that say when, before anything changes them; all or none. */
export function putAside(dir: string, now: number): string[] {
  const aside: string[] = [];
  for (const suffix of ['', '-wal']) {
    const path = join(dir, DB_FILE + suffix);
    if (!existsSync(path)) continue;
    const name = asideName(dir, now, `.db${suffix}`);
    aside.push(name);
    try {
      copyFileSync(path, join(dir, name));
    } catch (error) {
      for (const copy of aside) rmSync(join(dir, copy), { force: true });
      throw error;
    }
  }
  return aside;
}

/** Where they were, a body that is stored again would be taken to be there already. */
function moveAside(dir: string, now: number, blobs: Iterable<string>): string[] {
  return Array.from(blobs, (blob) => {
    const name = asideName(dir, now, `.blob-${blob}`);
    renameSync(blobPath(dir, blob), join(dir, name));
    return name;
  });
}

function asideName(dir: string, now: number, ending: string): string {
  const stamp = new Date(now).toISOString().replaceAll(/[-:]/g, '').replace('.', '');
  let name = `log.damaged-${stamp}${ending}`;
  for (let n = 2; existsSync(join(dir, name)); n += 1) name = `log.damaged-${stamp}-${n}${ending}`;
  return name;
}

function openDamaged(dir: string): Db | null {
  try {
    const db = new Database(join(dir, DB_FILE), { fileMustExist: true });
    try {
      db.prepare('SELECT count(*) FROM sqlite_schema').get();
      return db;
    } catch {
      db.close();
      return null;
    }
  } catch {
    return null;
  }
}

/** Nothing may have the database open. Afterwards it can be opened again; the caller writes the anchors anew. */
export function repairLog(
  dir: string,
  anchors: readonly Anchor[],
  now: number,
  { reason, aside }: Finding,
): DamageReport {
  rmSync(join(dir, REBUILT), { force: true });
  removeFiles(dir, REBUILT);
  const target = openWriter(dir, REBUILT);
  target.pragma('wal_checkpoint(TRUNCATE)');
  if (existsSync(join(dir, DB_FILE))) graftFirstPage(join(dir, REBUILT), join(dir, DB_FILE));
  const source = openDamaged(dir);
  const blobs = new SalvagedBlobs(dir, target);
  const streams = inTransaction(target, () => {
    const damage = salvage(source, target, blobs, anchors, now);
    if (source) salvageRest(source, target, damage);
    return damage;
  });
  target.pragma('wal_checkpoint(TRUNCATE)');
  target.close();
  try {
    source?.close();
  } catch {
    // Its last checkpoint may fail; the file is about to be replaced.
  }
  // A WAL left beside the new database would be replayed into it.
  removeFiles(dir, DB_FILE);
  removeFiles(dir, REBUILT);
  const fd = openSync(join(dir, REBUILT), 'r');
  fsyncSync(fd);
  closeSync(fd);
  renameSync(join(dir, REBUILT), join(dir, DB_FILE));
  const moved = moveAside(dir, now, blobs.altered);
  sync(dir);
  return { reason, streams, aside: [...aside, ...moved] };
}
