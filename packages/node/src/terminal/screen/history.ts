/** The screen and the lines above it, as text or with colours: for reading, not for restoring (H5). */

import { lookAt, PLAIN, sameLook, textAt, widthAt } from './cells.ts';
import type { InternalLine } from './internals.ts';
import { linkedPen } from './paint.ts';
import { shownLength } from './rows.ts';
import type { Screen } from './screen.ts';
import type { Detail, Pen } from './sgr.ts';

/** The screen's rows, with up to `history` lines of scrollback before them. */
function lines(screen: Screen, history: number): InternalLine[] {
  const { normal, active } = screen.core.buffers;
  const found: InternalLine[] = [];
  const take = (buffer: typeof normal, from: number, to: number) => {
    for (let row = from; row < to; row++) {
      const line = buffer.lines.get(row);
      if (line !== undefined) found.push(line);
    }
  };
  // The alternate screen has no history of its own; what was above the program that uses it still is.
  take(normal, Math.max(normal.ybase - history, 0), normal.ybase);
  take(active, active.ybase, active.ybase + screen.rows);
  return found;
}

/** A row's text up to the last character that is not blank. */
export function rowText(line: InternalLine, cols: number): string {
  let text = '';
  for (let column = 0; column < Math.min(cols, line.length); ) {
    text += textAt(line, column) || ' ';
    column += widthAt(line, column) || 1;
  }
  return text.trimEnd();
}

/** One line a row, each ended by a line feed; rows that ran on are not joined. */
export function textOf(screen: Screen, history: number): string {
  return lines(screen, history)
    .map((line) => `${rowText(line, screen.cols)}\n`)
    .join('');
}

/** The same with SGR and hyperlinks; every line begins and ends plain. */
export function ansiOf(screen: Screen, history: number, detail: Detail = 'all'): string {
  return lines(screen, history)
    .map((line) => `${rowAnsi(line, screen.cols, linkedPen(screen, detail))}\n`)
    .join('');
}

function rowAnsi(line: InternalLine, cols: number, pen: Pen): string {
  const end = shownLength(line, cols);
  let out = '';
  for (let column = 0; column < end; ) {
    const look = lookAt(line, column);
    out += pen.to(sameLook(look, PLAIN) ? PLAIN : look) + (textAt(line, column) || ' ');
    column += widthAt(line, column) || 1;
  }
  return out + pen.to(PLAIN);
}
