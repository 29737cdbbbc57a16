/** Texts that the node reads for agents: whole files of UTF-8, or some of their lines. */
import fs from 'node:fs';
import { SkeinError } from '@skein/protocol/errors';
import { contents, openToRead } from './node-files.ts';
import { MAX_HASHED, ofBytes, type Version } from './versions.ts';

/** Throws `not_found`, `not_allowed` for what is no text or no file, `too_large`; `Swapped`, and the system's errors. */
export async function textOf(
  root: string,
  within: string,
  given: string,
): Promise<{ text: string; version: Pick<Version, 'version' | 'text'> }> {
  const opened = openToRead(root, within);
  if (opened === null) throw new SkeinError('not_found', `There is no file ${given}.`);
  if (opened === undefined) throw new SkeinError('not_allowed', `${given} is no file.`);
  try {
    const bytes = await contents(opened.fd, MAX_HASHED);
    if (bytes === undefined)
      throw new SkeinError('too_large', `${given} has more than ${MAX_HASHED} bytes.`, { limit: MAX_HASHED });
    return { text: decoded(bytes, given), version: ofBytes(bytes) };
  } finally {
    fs.closeSync(opened.fd);
  }
}

/** What is read and written again must be the same, so nothing is replaced, nor a mark at the beginning left out. */
function decoded(bytes: Buffer, given: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new SkeinError('not_allowed', `${given} is not text: it is not UTF-8.`);
  }
}

/** Lines from `line` (the first is 1), `limit` of them, with their ends. */
export function partOf(text: string, { line = 1, limit }: { line?: number; limit?: number }): string {
  let from = 0;
  for (let n = 1; n < line; n += 1) {
    const end = text.indexOf('\n', from);
    if (end < 0) return '';
    from = end + 1;
  }
  if (limit === undefined) return text.slice(from);
  let to = from;
  for (let n = 0; n < limit; n += 1) {
    const end = text.indexOf('\n', to);
    if (end < 0) return text.slice(from);
    to = end + 1;
  }
  return text.slice(from, to);
}
