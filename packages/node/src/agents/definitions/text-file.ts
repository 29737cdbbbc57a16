/** The text of a file that a person has written, and how what is wrong with it is told: with its place. Pure. */
import { SkeinError } from '@skein/protocol/errors';

/** Where something stands in a file, both counted from 1. */
export interface Position {
  line: number;
  column: number;
}

export const START: Position = { line: 1, column: 1 };

/** `called` is what errors call it. Throws `definition_invalid` for what is not UTF-8. */
export function textOf(called: string, bytes: Buffer): string {
  const wide = (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff);
  if (wide) throw invalid(called, START, '', 'it is UTF-16; save it as UTF-8');
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw invalid(called, firstBad(bytes), '', 'a letter that is not UTF-8; save the file as UTF-8');
  }
}

function firstBad(bytes: Buffer): Position {
  // What cannot be read becomes U+FFFD, which a text that can be read may hold as well: then the place is about right.
  const before = bytes.toString('utf8').split('\ufffd')[0] ?? '';
  const lines = before.split('\n');
  return { line: lines.length, column: (lines.at(-1)?.length ?? 0) + 1 };
}

/** `definition_invalid` with `{file, line, column, field}`; `field` is empty where it is none's. */
export function invalid(file: string, { line, column }: Position, field: string, why: string): SkeinError {
  const where = `${file}:${line}:${column}`;
  const what = field === '' ? why : `"${field}": ${why}`;
  return new SkeinError('definition_invalid', `${where}: ${what}.`, { file, line, column, field });
}
