/** Says what a screen is, so that two can be compared: cells, cursor, modes, and what is not seen but acts later. */

import { type Look, lookAt, lookOfPen, textAt, widthAt } from '../screen/cells.ts';
import type { InternalBuffer, InternalLine } from '../screen/internals.ts';
import { modesOf } from '../screen/modes-of.ts';
import type { Screen } from '../screen/screen.ts';

const UNDERLINE = 0x10000000;
/** After `CSI 59 m`. */
const NO_UNDERLINE_COLOUR = 0x3ffffff;

/** xterm.js leaves remains of an older colour beside a palette index, and beside no colour at all. */
function colour(word: number): number {
  const mode = (word >>> 24) & 3;
  const used = mode === 3 ? 0xffffffff : mode === 0 ? 0xff000000 : 0xff0000ff;
  return (word & used) >>> 0;
}

/** Looks alike if it looks alike: links by where they lead, underlines only where there is one. */
function seen(screen: Screen, look: Look): string {
  const link = screen.core._oscLinkService._dataByLinkId.get(look.link)?.data.uri ?? '';
  const style = (look.ext >>> 26) & 7 || 1;
  const under = (look.ext & 0x3ffffff) === NO_UNDERLINE_COLOUR ? 0 : colour(look.ext & 0x3ffffff);
  const ext = look.fg & UNDERLINE ? `${style}:${under}` : '';
  return `${colour(look.fg)}/${colour(look.bg)}/${ext}/${link}`;
}

/** A row as a viewer sees it: a blank is a space, and so is a wide character whose second half was written over. */
export function seenRow(screen: Screen, line: InternalLine | undefined, cols: number): string[] {
  const cells: string[] = [];
  for (let column = 0; line !== undefined && column < cols; column++) {
    const half = widthAt(line, column) === 0 && column > 0 && widthAt(line, column - 1) === 2;
    const torn = widthAt(line, column) === 2 && column + 1 < cols && widthAt(line, column + 1) !== 0;
    const text = torn ? ' ' : textAt(line, column) || ' ';
    cells.push(half ? '<' : `${text}|${seen(screen, lookAt(line, column))}`);
  }
  return cells;
}

function rowsOf(screen: Screen, buffer: InternalBuffer, from: number): string[][] {
  const rows: string[][] = [];
  for (let row = from; row < buffer.lines.length; row++)
    rows.push(seenRow(screen, buffer.lines.get(row), screen.cols));
  return rows;
}

/** What a viewer of the same size must see and have: for comparing with a painted terminal. */
export function seenScreen(screen: Screen) {
  const { active, normal } = screen.core.buffers;
  return {
    rows: rowsOf(screen, active, active.ybase).map((row) => row.join(' ')),
    under: active === normal ? [] : rowsOf(screen, normal, normal.ybase).map((row) => row.join(' ')),
    cursor: [active.x, active.y],
    margins: [active.scrollTop, active.scrollBottom],
    tabs: Array.from({ length: screen.cols }, (_, column) => active.tabs[column] === true),
    pen: seen(screen, lookOfPen(screen.core._inputHandler._curAttrData)),
    modes: modesOf(screen),
    colours: screen.extra.colours ?? {},
  };
}

/** Everything, scrollback included: for comparing with a restored emulator. */
export function wholeScreen(screen: Screen) {
  const { core } = screen;
  const buffer = (it: InternalBuffer) => ({
    rows: rowsOf(screen, it, 0).map((row) => row.join(' ')),
    wrapped: Array.from({ length: it.lines.length }, (_, row) => it.lines.get(row)?.isWrapped),
    at: [it.ybase, it.x, it.y, it.scrollTop, it.scrollBottom, it.savedX, it.savedY],
    saved: [it.savedCurAttrData.fg, it.savedCurAttrData.bg, it.savedCharset],
  });
  return {
    ...seenScreen(screen),
    size: [screen.cols, screen.rows],
    normal: buffer(core.buffers.normal),
    alt: buffer(core.buffers.alt),
    charset: [core._charsetService.charset, core._charsetService.glevel],
    join: core._inputHandler._parser.precedingJoinState,
    title: [core._inputHandler._windowTitle, core._inputHandler._windowTitleStack],
    extra: screen.extra,
  };
}
