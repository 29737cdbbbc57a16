/** A snapshot: a screen at an offset, in one of the forms that somebody needs (H5). */

import type { SnapshotKind } from '../emulator/emulator-messages.ts';
import { ansiOf, textOf } from './history.ts';
import type { Modes } from './modes.ts';
import { modesOf } from './modes-of.ts';
import { paint } from './paint.ts';
import type { Screen } from './screen.ts';
import { saveState } from './state.ts';

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
      return Buffer.from(paint(screen));
    case 'ansi':
      return Buffer.from(ansiOf(screen, history));
    case 'text':
      return Buffer.from(textOf(screen, history));
    case 'state':
      return saveState(screen);
  }
}
