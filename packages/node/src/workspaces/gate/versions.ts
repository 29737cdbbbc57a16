/** Versions of files (rule W3): what tells one from another, and the text to show what has changed. */
import { isUtf8 } from 'node:buffer';
import crypto from 'node:crypto';
import fs from 'node:fs';
import { contents, openToRead, stampOf } from './node-files.ts';

/** Bytes of a file that is known by all that is in it; a larger one by its size, its time and its number. */
export const MAX_HASHED = 16 * 1024 * 1024;
/** Bytes of a text that is kept, to show what has changed since. */
export const MAX_KEPT_TEXT = 256 * 1024;
/** A file that is written while it is read is read again so often. */
const TRIES = 3;

export const NO_FILE = 'none';
/** Not a file: nothing that is written over. */
const NO_VERSION = 'other';

export interface Version {
  /** Equal for equal files. */
  version: string;
  /** Null where it is no text, or too long to be kept. */
  text: string | null;
  /** Of just that file, until anything about it changes (node-files.ts). */
  stamp: string;
  /** Milliseconds since 1970 when it was changed last, as the system says; 0 where there is none. */
  changed: number;
}

const none: Version = { version: NO_FILE, text: null, stamp: stampOf(undefined), changed: 0 };

/** The version of a file that is there now. Throws `Swapped` where a link is in the way, and the system's errors. */
export async function versionAt(root: string, within: string): Promise<Version> {
  let found = none;
  for (let tries = 0; tries < TRIES; tries += 1) {
    const opened = openToRead(root, within);
    if (opened === null) return none;
    if (opened === undefined) return { ...none, version: NO_VERSION };
    try {
      const { fd, stat } = opened;
      const bytes = stat.size > MAX_HASHED ? undefined : await contents(fd, MAX_HASHED);
      const stamp = stampOf(stat);
      found = { ...versionOf(bytes, stat), stamp, changed: Number(stat.ctimeMs) };
      if (stampOf(fs.fstatSync(fd, { bigint: true })) === stamp) break;
    } finally {
      fs.closeSync(opened.fd);
    }
  }
  return found;
}

function versionOf(bytes: Buffer | undefined, stat: fs.BigIntStats): Pick<Version, 'version' | 'text'> {
  if (bytes === undefined)
    return { version: `large:${stat.size}:${stat.mtimeNs}:${stat.dev}:${stat.ino}`, text: null };
  return ofBytes(bytes);
}

/** What a file of these bytes is. */
export function ofBytes(bytes: Uint8Array): Pick<Version, 'version' | 'text'> {
  const isText = bytes.length <= MAX_KEPT_TEXT && isUtf8(bytes) && !bytes.includes(0);
  return {
    version: `sha256:${crypto.hash('sha256', bytes)}`,
    text: isText ? Buffer.from(bytes).toString() : null,
  };
}
