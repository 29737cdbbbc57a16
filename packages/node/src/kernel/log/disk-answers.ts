/**
 * Whether the disk gives back what is on it. SQLite tells of a read that failed (EIO) as of a database that is malformed; but of
 * a log that cannot be read nothing is known, and it may be whole when the disk is there again.
 */
import fs from 'node:fs';
import { join } from 'node:path';
import { isCode } from '../../platform/files.ts';
import { DB_FILE } from './schema.ts';

/** Bytes of one read. */
const PART = 1024 * 1024;

/** False if a read of the log's files fails, of so many bytes of each. */
export function diskAnswers(dir: string, most = Number.MAX_SAFE_INTEGER): boolean {
  const part = Buffer.allocUnsafe(Math.min(PART, most));
  return [DB_FILE, `${DB_FILE}-wal`].every((file) => reads(join(dir, file), part, most));
}

function reads(path: string, part: Buffer, most: number): boolean {
  let fd: number | undefined;
  try {
    fd = fs.openSync(path, 'r');
    for (let at = 0; at < most; ) {
      const count = fs.readSync(fd, part, 0, part.length, at);
      if (count === 0) break;
      at += count;
    }
    return true;
  } catch (error) {
    // What is not there, or may not be opened, is another matter.
    return !isCode(error, 'EIO');
  } finally {
    if (fd !== undefined) fs.closeSync(fd);
  }
}
