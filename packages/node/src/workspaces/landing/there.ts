/** What is at a place in a tree, links not followed. */
import fs from 'node:fs';
import { isCode } from '../../platform/files.ts';

/** Undefined for nothing, also where a file is in the place of a directory above it. */
export function thereAt(file: string): fs.BigIntStats | undefined {
  try {
    return fs.lstatSync(file, { bigint: true });
  } catch (error) {
    if (isCode(error, 'ENOENT', 'ENOTDIR')) return undefined;
    throw error;
  }
}

/** Whether it is a directory with something in it, be that empty directories. */
export function holdsFiles(file: string): boolean {
  return thereAt(file)?.isDirectory() === true && fs.readdirSync(file).length > 0;
}
