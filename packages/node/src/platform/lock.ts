/** The lock that lets one node at a time own a home. The system releases it with the process, so it never grows stale. */
import fs from 'node:fs';
import { SkeinError } from '@skein/protocol/errors';
import Database from 'better-sqlite3';
import { FILE_MODE, isCode } from './files.ts';

interface Lock {
  /** Whether what is at its path is what was locked: where a home was moved, removed or emptied, another may have it now. */
  held(): boolean;
  release(): void;
}

/**
 * Takes the lock. SQLite's is the one advisory lock that Node can reach. Throws `already_running`, and `home_unsafe` for a file
 * that is none of SQLite's.
 */
export function lockHome(file: string): Lock {
  makeFile(file);
  const db = new Database(file, { timeout: 0 });
  try {
    db.pragma('journal_mode = MEMORY');
    db.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    db.close();
    const code = (error as { code?: string }).code ?? '';
    if (code === 'SQLITE_NOTADB') throw noLock(file);
    if (!code.startsWith('SQLITE_BUSY')) throw error;
    throw new SkeinError(
      'already_running',
      'A node is running in this home already. See it with: skein status',
    );
  }
  const { dev, ino } = fs.statSync(file);
  const held = () => {
    try {
      const there = fs.statSync(file);
      return there.dev === dev && there.ino === ino;
    } catch (error) {
      // A disk that does not answer has taken nothing away.
      return !isCode(error, 'ENOENT', 'ENOTDIR');
    }
  };
  return { held, release: () => db.close() };
}

function makeFile(file: string): void {
  try {
    fs.closeSync(fs.openSync(file, 'a', FILE_MODE));
  } catch (error) {
    throw isCode(error, 'EISDIR') ? noLock(file) : error;
  }
}

const noLock = (file: string) =>
  new SkeinError('home_unsafe', `${file} is no lock that Skein wrote. Move it away.`, { file });
