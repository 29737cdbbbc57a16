/** The bytes that a log takes on disk, put-aside copies and blobs apart. */
import { statSync } from 'node:fs';
import { join } from 'node:path';

const FILES = ['log.db', 'log.db-wal', 'anchors.log'];

export function logBytes(dir: string): number {
  const size = (file: string) => statSync(join(dir, file), { throwIfNoEntry: false })?.size ?? 0;
  return FILES.reduce((sum, file) => sum + size(file), 0);
}
