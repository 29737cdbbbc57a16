/**
 * Rows that have been measured already stand in Ink's layout as one letter each, and are put in their places afterwards: Ink
 * would measure every letter of them again for each frame, by another table. Pure.
 */
import { type Row, toAnsi } from '../model/style.ts';
import { fittedRow, rowColumns } from '../model/width.ts';

/** The first letter that stands for a row: of those that Unicode leaves to private use. */
const FIRST = 0xf0000;
const PIECE = /\x1b\[[\d;]*m|[\s\S]/gu;

interface Slot {
  ansi: string;
  columns: number;
}

export class Slots {
  readonly #slots: Slot[] = [];
  readonly #colours: boolean;

  constructor(colours: boolean) {
    this.#colours = colours;
  }

  /** The letter to be laid out for a row, of which no more is shown than fits. It takes a column at least. */
  put(row: Row, width: number): string {
    const whole = rowColumns(row);
    const shown = whole > width ? fittedRow(row, width) : row;
    const columns = whole > width ? rowColumns(shown) : whole;
    this.#slots.push(
      columns === 0 ? { ansi: ' ', columns: 1 } : { ansi: toAnsi(shown, this.#colours), columns },
    );
    return String.fromCodePoint(FIRST + this.#slots.length - 1);
  }

  /** A line of the layout with the rows in it; a row covers the blanks behind its letter. */
  filled(line: string): string {
    let out = '';
    let covered = 0;
    for (const [piece] of line.matchAll(PIECE)) {
      const slot = this.#slots[(piece.codePointAt(0) ?? 0) - FIRST];
      if (slot !== undefined) {
        out += slot.ansi;
        covered = slot.columns - 1;
      } else if (piece === ' ' && covered > 0) covered--;
      else out += piece;
    }
    return out;
  }
}
