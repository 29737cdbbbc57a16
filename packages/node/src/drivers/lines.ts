/** Cuts output into lines, wherever it was cut before, and remembers how far we are: always at the end of a line (A2). */
import { SkeinError } from '@skein/protocol/errors';
import type { BaseState } from './state.ts';

const NEWLINE = 10;

type Cursor = Pick<BaseState, 'consumed' | 'skipping' | 'maxLine'>;

export interface LineSink {
  line(text: string): void;
  /** Once for a line that is too long, however it was cut. */
  tooLong(): void;
}

/** Moves the cursor over every whole line in `bytes`, which stand at `offset`. What it is behind is passed over. */
export function takeLines(
  cursor: Cursor,
  offset: number,
  bytes: Uint8Array,
  end: boolean,
  sink: LineSink,
): void {
  if (offset > cursor.consumed) {
    throw new SkeinError('output_gap', `Output from byte ${cursor.consumed} to ${offset} is missing.`, {
      consumed: cursor.consumed,
      offset,
    });
  }
  const limit = offset + bytes.length;
  while (cursor.consumed < limit) {
    const start = cursor.consumed - offset;
    const newline = bytes.indexOf(NEWLINE, start);
    const stop = newline < 0 ? bytes.length : newline;
    const whole = newline >= 0 || end;
    if (!cursor.skipping && stop - start > cursor.maxLine) {
      cursor.skipping = true;
      sink.tooLong();
    }
    if (!whole && !cursor.skipping) return;
    cursor.consumed = newline < 0 ? limit : offset + newline + 1;
    if (!cursor.skipping) sink.line(decoder.decode(bytes.subarray(start, stop)));
    else if (whole) cursor.skipping = false;
  }
}

// Bytes that are no UTF-8 become U+FFFD: a line that holds them is told as well as can be.
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
