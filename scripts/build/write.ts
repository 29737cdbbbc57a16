/** Writes build output so that programs that run from it are not disturbed. */
import { existsSync, readFileSync } from 'node:fs';
import { writeAtomically } from '../setup/files.mjs';

/** Leaves an equal file alone and replaces another by rename: a process may have the old one mapped. Returns the path. */
export function writeIfChanged(path: string, content: Uint8Array, mode = 0o644): string {
  if (!existsSync(path) || Buffer.compare(readFileSync(path), content) !== 0)
    writeAtomically(path, content, mode);
  return path;
}
