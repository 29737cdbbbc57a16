/**
 * Frames for a viewer whose terminal has another size than the program (H6): the differences between what it shows and
 * what it should, panned so that the cursor stays in view, and with dots where the program has no screen. Mouse and
 * focus reports are left off for such a viewer: its coordinates are not the program's.
 */

import { NORMAL_SCREEN } from '../reset.ts';
import { isWhole, lookAt, PLAIN, textAt, widthAt } from './cells.ts';
import { colourSequence } from './colours.ts';
import type { InternalLine } from './internals.ts';
import type { Modes } from './modes.ts';
import { cursorModes, inputModes, kittySequence, modesOf } from './modes-of.ts';
import { linkedPen, titleSequence } from './paint.ts';
import type { Screen } from './screen.ts';
import type { Pen } from './sgr.ts';

export interface Size {
  cols: number;
  rows: number;
}

/** The program's column and row at the viewer's top left. */
interface Pan {
  x: number;
  y: number;
}

const OUTSIDE = { ...PLAIN, bg: 0x8000000 }; // dim

export class Frames {
  #size: Size;
  #pan: Pan = { x: 0, y: 0 };
  /** What the viewer shows, row by row; undefined before the first frame. */
  #shown: string[] | undefined;
  #modes = '';
  #cursor = '';
  #title: string | undefined;
  #colours = '';

  constructor(size: Size) {
    this.#size = size;
  }

  /** Where a viewer's cell (0, 0) is on the program's screen. */
  get pan(): Pan {
    return this.#pan;
  }

  /** The next frame repaints all. */
  resize(size: Size): void {
    this.#size = size;
    this.#shown = undefined;
  }

  /** What to write to the viewer's terminal, or undefined when it shows everything already. */
  next(screen: Screen): Uint8Array | undefined {
    const { cols, rows } = this.#size;
    const buffer = screen.core.buffers.active;
    const modes = modesOf(screen);
    const x = Math.min(buffer.x, screen.cols - 1);
    this.#pan = {
      x: follow(this.#pan.x, x, screen.cols, cols),
      y: follow(this.#pan.y, buffer.y, screen.rows, rows),
    };
    const first = this.#shown === undefined;
    let out = first ? `${NORMAL_SCREEN}\x1b[?1049h\x1b[?7l\x1b[H\x1b[2J` : '';
    if (first) [this.#modes, this.#cursor, this.#title, this.#colours] = ['', '', undefined, ''];
    const shown = this.#shown ?? Array.from({ length: rows }, () => '');
    for (let row = 0; row < rows; row++) {
      const source = row + this.#pan.y;
      const line = source < screen.rows ? buffer.lines.get(buffer.ybase + source) : undefined;
      const text = viewRow(line, this.#pan.x, screen.cols, cols, linkedPen(screen));
      if (text === shown[row]) continue;
      out += `\x1b[${row + 1}H${text}`;
      shown[row] = text;
    }
    this.#shown = shown;
    out += this.#modeChanges(modes);
    const colours = colourSequence(screen.extra.colours);
    if (colours !== this.#colours) out += colours;
    this.#colours = colours;
    const cursor = `\x1b[${buffer.y - this.#pan.y + 1};${x - this.#pan.x + 1}H${cursorModes(modes)}`;
    if (out === '' && cursor === this.#cursor) return undefined;
    this.#cursor = cursor;
    // The cursor is hidden while rows are drawn; terminals that know how show the frame at once.
    return Buffer.from(`\x1b[?2026h\x1b[?25l${out}\x1b[0 q\x1b[?12l\x1b[?25h${cursor}\x1b[?2026l`);
  }

  /** Title, reverse video, and what the viewer's keys must send should it type. */
  #modeChanges(modes: Modes): string {
    let out = '';
    const keys = kittySequence(modes.alternate ? modes.kitty.alternate : modes.kitty.normal);
    const wanted = inputModes(modes) + keys + (modes.reverseVideo ? '\x1b[?5h' : '');
    if (wanted !== this.#modes) {
      out += `\x1b[<99u\x1b[=0;1u\x1b[>4;0m\x1b[?1;5;2004l\x1b>${wanted}`;
      this.#modes = wanted;
    }
    if (modes.title !== (this.#title ?? '')) out += titleSequence(modes.title);
    this.#title = modes.title;
    return out;
  }
}

/** Moves a view as little as brings the cursor into it. */
function follow(pan: number, cursor: number, source: number, view: number): number {
  const most = Math.max(source - view, 0);
  return Math.min(Math.max(pan, cursor - view + 1, 0), cursor, most);
}

/** One row of the view, exactly `cols` wide; it begins and ends plain. */
function viewRow(
  line: InternalLine | undefined,
  from: number,
  sourceCols: number,
  cols: number,
  pen: Pen,
): string {
  let out = '';
  const inside = line === undefined ? 0 : Math.min(sourceCols - from, cols);
  for (let column = 0; line !== undefined && column < inside; ) {
    const at = from + column;
    // A wide character that the edge of the view would cut is left out.
    const whole = isWhole(line, at, from + inside);
    out += pen.to(lookAt(line, at)) + (whole ? textAt(line, at) : ' ');
    column += whole ? widthAt(line, at) : 1;
  }
  if (inside < cols) out += pen.to(OUTSIDE) + '·'.repeat(cols - inside);
  return out + pen.to(PLAIN);
}
