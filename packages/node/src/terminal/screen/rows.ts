/** Writes cells as a real terminal is to show them. Pure: nothing is known here of where the row is or was. */

import { erased, isWhole, lookAt, PLAIN, sameLook, textAt, widthAt } from './cells.ts';
import type { InternalBuffer, InternalLine } from './internals.ts';
import type { Pen } from './sgr.ts';

/** The columns after the last one that shows anything. */
export function shownLength(line: InternalLine, cols: number): number {
  let end = Math.min(line.length, cols);
  while (end > 0 && textAt(line, end - 1) === '' && widthAt(line, end - 1) !== 0) {
    if (!sameLook(lookAt(line, end - 1), PLAIN)) break;
    end--;
  }
  return end;
}

/** Columns that no program wrote to are moved over or erased, so that what is painted is what was there. */
function writeCells(line: InternalLine, cols: number, pen: Pen): string {
  const end = shownLength(line, cols);
  let out = '';
  for (let column = 0; column < end; ) {
    const text = textAt(line, column);
    const look = lookAt(line, column);
    const width = widthAt(line, column);
    if (isWhole(line, column, cols)) {
      out += pen.to(look) + text;
      column += width;
      continue;
    }
    const blank = erased(look);
    if (!sameLook(blank, look) || text !== '') {
      // Half of a wide character, or a blank with more than a background: only a space can show it.
      out += `${pen.to(look)} `;
      column++;
      continue;
    }
    let run = 1;
    while (column + run < end && isBlankLike(line, column + run, look)) run++;
    if (blank.bg !== 0) out += `${pen.to(blank)}\x1b[${run}X`;
    if (column + run < end) out += `\x1b[${run}C`;
    column += run;
  }
  return out;
}

function isBlankLike(line: InternalLine, column: number, look: ReturnType<typeof lookAt>): boolean {
  return textAt(line, column) === '' && widthAt(line, column) === 1 && sameLook(lookAt(line, column), look);
}

/** Whether writing on after this row's last column continues in the next row, as when the program wrote it. */
function runsOn(line: InternalLine, next: InternalLine | undefined, cols: number): boolean {
  if (next?.isWrapped !== true || textAt(next, 0) === '') return false;
  return textAt(line, cols - 1) !== '' || widthAt(line, cols - 1) === 0;
}

/** The rows of a buffer's screen, onto a cleared one. */
export function writeScreen(buffer: InternalBuffer, cols: number, rows: number, pen: Pen): string {
  let out = '';
  let wrapped = false;
  for (let row = 0; row < rows; row++) {
    const line = buffer.lines.get(buffer.ybase + row);
    if (line === undefined) break;
    if (wrapped || shownLength(line, cols) > 0) {
      out += (wrapped ? '' : `\x1b[${row + 1}H`) + writeCells(line, cols, pen);
    }
    wrapped = row + 1 < rows && runsOn(line, buffer.lines.get(buffer.ybase + row + 1), cols);
  }
  return out;
}
