/** What a decision may keep beside a stream (L9). Pure. */
import type { ErrorBody } from '@skein/protocol/errors';
import type { Cell } from '../types.ts';

/** Characters (UTF-16) of a cell's key. A key is a name with an id and a number in it. */
export const MAX_CELL_KEY = 256;

/** Bytes of a cell's value: a driver's longest line, which may be waiting in its state or to be written. */
export const MAX_CELL = 16 * 1024 * 1024;

interface Keeping {
  target: string;
  /** The last event of the stream, those now decided included. */
  offset: number;
  cells: readonly Cell[];
}

/** What is wrong with the cells of a decision: never its sender's fault, so that it leaves no receipt. */
export function badCells({ target, offset, cells }: Keeping): ErrorBody | undefined {
  if (cells.length > 0 && offset === 0) {
    return {
      code: 'internal',
      message: `${target} wants to keep something beside a stream that is not there.`,
    };
  }
  for (const { key, value } of cells) {
    // A half of a surrogate pair would be another character once stored.
    if (key.length === 0 || !key.isWellFormed()) {
      return { code: 'internal', message: `${target} keeps something under a key that is none.` };
    }
    if (key.length > MAX_CELL_KEY) return tooLarge(target, 'key', key.length, MAX_CELL_KEY);
    if (value !== null && value.length > MAX_CELL) return tooLarge(target, key, value.length, MAX_CELL);
  }
  return undefined;
}

function tooLarge(target: string, what: string, size: number, limit: number): ErrorBody {
  const message = `${target} cannot keep that much: ${what} has ${size}, and ${limit} is the most.`;
  return { code: 'too_large', message, data: { size, limit } };
}
