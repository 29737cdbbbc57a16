/** Opens the log at a start, and says what is wrong with it before anything of it is used (L6). */
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Anchors } from '../log/anchors.ts';
import { findDamage, type Head, readHeads } from '../log/heads.ts';
import { DB_FILE, type Db, openWriter } from '../log/schema.ts';
import { storageError } from '../worker/serve.ts';
import { type Finding, putAside } from './repair.ts';

/** The database with its heads if all is as it should be, or what is not. */
export function openSound(
  dir: string,
  anchors: Anchors,
  now: number,
): { db: Db; heads: Map<number, Head> } | Finding {
  const path = join(dir, DB_FILE);
  const lost = !existsSync(path) || statSync(path).size === 0;
  if (lost && anchors.all().length > 0) {
    return { reason: 'The log is missing, though its anchors are there.', aside: putAside(dir, now) };
  }
  let aside: string[] = [];
  let db: Db | undefined;
  try {
    db = openWriter(dir, DB_FILE, (error) => {
      if (storageError(error, dir).code === 'log_damaged') aside = putAside(dir, now);
    });
    const heads = readHeads(db);
    const reason = findDamage(db, heads, anchors.all());
    if (reason === undefined) return { db, heads };
    aside = putAside(dir, now);
    db.close();
    return { reason, aside };
  } catch (error) {
    const told = storageError(error, dir);
    const broken = told.code === 'log_damaged';
    try {
      if (db?.open && broken) aside = putAside(dir, now);
    } finally {
      db?.close();
    }
    if (broken) return { reason: told.message, aside };
    throw error;
  }
}
