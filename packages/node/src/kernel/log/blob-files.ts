/** Blobs (L8): bodies too large for the log, each in a file named by the SHA-256 of its bytes. */
import {
  closeSync,
  existsSync,
  fdatasyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { join } from 'node:path';
import { sync, writeAll } from '../../platform/files.ts';

const BLOB_DIR = 'blobs';

export function blobPath(dir: string, name: string): string {
  return join(dir, BLOB_DIR, name);
}

/** Durable when it returns. A name that is there already holds the same bytes, because the name is their hash. */
export function writeBlob(dir: string, name: string, bytes: Uint8Array): void {
  const path = blobPath(dir, name);
  if (existsSync(path)) return;
  mkdirSync(join(dir, BLOB_DIR), { recursive: true, mode: 0o700 });
  const fd = openSync(`${path}.new`, 'w', 0o600);
  try {
    writeAll(fd, bytes);
    fdatasyncSync(fd);
  } catch (error) {
    rmSync(`${path}.new`, { force: true });
    throw error;
  } finally {
    closeSync(fd);
  }
  renameSync(`${path}.new`, path);
  sync(join(dir, BLOB_DIR));
}

/** Removes files that nothing refers to. Only when no transaction is under way: a blob comes before its reference. */
export function sweepBlobs(dir: string, referenced: ReadonlySet<string>): void {
  if (!existsSync(join(dir, BLOB_DIR))) return;
  for (const name of readdirSync(join(dir, BLOB_DIR))) {
    if (!referenced.has(name)) rmSync(blobPath(dir, name), { force: true });
  }
}
