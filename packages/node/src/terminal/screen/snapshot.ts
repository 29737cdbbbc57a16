/** A snapshot: a screen at an offset, in one of the forms that somebody needs (H5). */

import { SkeinError } from '@skein/protocol/errors';
import { MAX_FRAME } from '@skein/protocol/limits';
import type { SnapshotKind } from '../emulator/emulator-messages.ts';
import { ansiOf, textOf } from './history.ts';
import type { Modes } from './modes.ts';
import { modesOf } from './modes-of.ts';
import { paint } from './paint.ts';
import type { Screen } from './screen.ts';
import type { Detail } from './sgr.ts';
import { saveState } from './state.ts';

/** Bytes of a snapshot that is sent: a frame's, with room for what else is told in it. */
const MOST = MAX_FRAME - 64 * 1024;

const DETAILS: readonly Detail[] = ['all', 'palette', 'none'];

interface Snapshot {
  /** The bytes before it are in the snapshot, none after. */
  offset: number;
  cols: number;
  rows: number;
  modes: Modes;
  data: Uint8Array;
}

/** `history`: how many lines of scrollback come first in `ansi` and `text`. */
export function take(screen: Screen, kind: SnapshotKind, history = 0): Snapshot {
  const { offset, cols, rows } = screen;
  return { offset, cols, rows, modes: modesOf(screen), data: dataOf(screen, kind, history) };
}

function dataOf(screen: Screen, kind: SnapshotKind, history: number): Uint8Array {
  switch (kind) {
    case 'paint':
      return fitting(DETAILS.map((detail) => () => paint(screen, detail)));
    case 'ansi':
      return fitting([
        ...DETAILS.map((detail) => () => ansiOf(screen, history, detail)),
        ...halves(history).map((lines) => () => ansiOf(screen, lines, 'none')),
      ]);
    case 'text':
      return fitting([history, ...halves(history)].map((lines) => () => textOf(screen, lines)));
    case 'state':
      return saveState(screen);
  }
}

/** The first that fits into a frame: of a screen too large for that, less is told of how it looks, or of what was above it. */
function fitting(tries: readonly (() => string)[]): Uint8Array {
  for (const make of tries) {
    const data = Buffer.from(make());
    if (data.length <= MOST) return data;
  }
  throw new SkeinError('too_large', 'This screen is too large to be shown to anybody who comes to it.');
}

/** Fewer lines each time, and at last none. */
function halves(lines: number): number[] {
  return lines === 0 ? [] : [lines >> 1, ...halves(lines >> 1)];
}
