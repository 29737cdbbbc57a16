/** The lock that lets one node at a time own a home. The system releases it with the process, so it never grows stale. */
import fs from 'node:fs';
import { SkeinError } from '@skein/protocol/errors';
import Database from 'better-sqlite3';
import { FILE_MODE } from './files.ts';

interface Lock {
  release(): void;
}

/** Takes the lock, or throws `already_running`. SQLite's lock is the one advisory lock that Node can reach. */
export function lockHome(file: string): Lock {
  fs.closeSync(fs.openSync(file, 'a', FILE_MODE));
  const db = new Database(file, { timeout: 0 });
  try {
    db.pragma('journal_mode = MEMORY');
    db.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    db.close();
    const code = (error as { code?: string }).code ?? '';
    if (!code.startsWith('SQLITE_BUSY')) throw error;
    throw new SkeinError(
      'already_running',
      'A node is running in this home already. See it with: skein status',
    );
  }
  return { release: () => db.close() };
}
