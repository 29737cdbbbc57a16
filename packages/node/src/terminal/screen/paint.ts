/**
 * A screen as the bytes that make a viewer's real terminal of the same size show it and behave like it (H5): both
 * screens, cursor, pen, margins, tab stops, charsets, keyboard and mouse modes. Never a query, a clipboard write or a
 * bell (H7): it is written from the emulator's state, not from the program's bytes.
 */

import { NORMAL_SCREEN } from '../reset.ts';
import { lookAt, lookOfPen, PLAIN, textAt, widthAt } from './cells.ts';
import { designatorOf } from './charsets.ts';
import { colourSequence } from './colours.ts';
import type { Charset, InternalBuffer } from './internals.ts';
import type { KittyStack, Modes } from './modes.ts';
import { cursorModes, drawingModes, inputModes, kittySequence, modesOf, reportModes } from './modes-of.ts';
import { writeScreen } from './rows.ts';
import type { Screen } from './screen.ts';
import { type Detail, Pen } from './sgr.ts';

/** Line by line: terminals keep in their history what they clear as a whole, and would have every screen there that is painted over. */
const CLEAR = '\x1b[H\x1b[999M\x1b[J';

/** What to write to a terminal of `screen.cols` by `screen.rows`, whatever it showed before. */
export function paint(screen: Screen, detail: Detail = 'all'): string {
  const { core } = screen;
  const { normal, alt } = core.buffers;
  const modes = modesOf(screen);
  const pen = linkedPen(screen, detail);
  // What is still drawn in one go, a terminal need not show piece by piece.
  const out = [NORMAL_SCREEN, '\x1b[?2026h', CLEAR, titleSequence(modes.title)];
  out.push(colourSequence(screen.extra.colours));
  out.push(bufferSequence(screen, normal, pen, modes.kitty.normal));
  if (modes.alternate) {
    // Entering saves the cursor of the normal screen, which by now is where the program last saved it.
    out.push('\x1b[?1049h\x1b[r', CLEAR, bufferSequence(screen, alt, pen, modes.kitty.alternate));
  }
  out.push(cursorSequence(screen, core.buffers.active, modes, pen));
  out.push(drawingModes(modes), inputModes(modes), reportModes(modes), cursorModes(modes));
  out.push(pen.to(lookOfPen(core._inputHandler._curAttrData)), charsetSequence(screen));
  if (!modes.synchronized) out.push('\x1b[?2026l');
  return out.join('');
}

/** The title is one of a screen's modes: nothing in it ends the sequence. */
export function titleSequence(title: string): string {
  return `\x1b]2;${title}\x1b\\`;
}

export function linkedPen(screen: Screen, detail: Detail = 'all'): Pen {
  return new Pen((link) => screen.core._oscLinkService._dataByLinkId.get(link)?.data, detail);
}

/** One screen: kitty stack, tab stops, cells, saved cursor, margins. */
function bufferSequence(screen: Screen, buffer: InternalBuffer, pen: Pen, kitty: KittyStack): string {
  const { cols, rows } = screen;
  return [
    kittySequence(kitty),
    tabSequence(buffer, cols),
    writeScreen(buffer, cols, rows, pen),
    savedCursorSequence(screen, buffer, pen),
    buffer.scrollTop === 0 && buffer.scrollBottom === rows - 1
      ? ''
      : `\x1b[${buffer.scrollTop + 1};${buffer.scrollBottom + 1}r`,
  ].join('');
}

/** All of them, even the usual ones: nothing tells what the terminal had before. */
function tabSequence(buffer: InternalBuffer, cols: number): string {
  const stops = Array.from({ length: cols }, (_, column) => column).filter((column) => buffer.tabs[column]);
  return `\x1b[3g${stops.map((column) => `\x1b[${column + 1}G\x1bH`).join('')}`;
}

function savedCursorSequence(screen: Screen, buffer: InternalBuffer, pen: Pen): string {
  const row = Math.min(Math.max(buffer.savedY - buffer.ybase, 0), screen.rows - 1);
  const column = Math.min(buffer.savedX, screen.cols - 1);
  const saved = pen.to({ ...lookOfPen(buffer.savedCurAttrData), ext: 0, link: 0 });
  const charset = buffer.savedCharset === undefined ? '' : `\x1b(${designatorOf(buffer.savedCharset)}`;
  const back = charset === '' ? '' : '\x1b(B';
  return `${saved}${charset}\x1b[${row + 1};${column + 1}H\x1b7${back}${pen.to(PLAIN)}`;
}

/** Where the cursor is; origin mode before it, because that moves the cursor. */
function cursorSequence(screen: Screen, buffer: InternalBuffer, modes: Modes, pen: Pen): string {
  const row = modes.origin ? buffer.y - buffer.scrollTop : buffer.y;
  const go = (column: number) => `\x1b[${Math.max(row, 0) + 1};${column + 1}H`;
  const origin = modes.origin ? '\x1b[?6h' : '';
  if (buffer.x < screen.cols) return origin + go(buffer.x);
  // A wrap is pending: only writing the last character again brings that about.
  const line = buffer.lines.get(buffer.ybase + buffer.y);
  if (line === undefined) return origin;
  const last = screen.cols - (widthAt(line, screen.cols - 2) === 2 ? 2 : 1);
  const text = widthAt(line, last) === 0 ? ' ' : textAt(line, last) || ' ';
  return `${origin}${go(last)}${pen.to(lookAt(line, last))}${text}`;
}

const SHIFT_TO = ['\x0f', '\x0e', '\x1bn', '\x1bo'];

/** The designated sets, and which of them is in use. After DECRC that may be another than was designated. */
function charsetSequence(screen: Screen): string {
  const { charset, glevel, _charsets } = screen.core._charsetService;
  const sets: Charset[] = [0, 1, 2, 3].map((g) => (g === glevel ? charset : _charsets[g]));
  const designations = sets.map((set, g) =>
    set === undefined ? '' : `\x1b${'()*+'[g]}${designatorOf(set)}`,
  );
  return designations.join('') + (glevel === 0 ? '' : (SHIFT_TO[glevel] ?? ''));
}
