/** Reads cells of a line: their text, their width, and the attributes that say how they look. */

import { COMBINED, type InternalAttrs, type InternalLine } from './internals.ts';
import { widthOf } from './width.ts';

const CODE_POINT = 0x1fffff;
const HAS_EXTENDED = 0x10000000;
const COLOUR = 0x3ffffff;

/** How a cell looks. `ext` holds underline style (bits 26–28) and colour; `link` is 0 for none. */
export interface Look {
  fg: number;
  bg: number;
  ext: number;
  link: number;
}

export const PLAIN: Readonly<Look> = { fg: 0, bg: 0, ext: 0, link: 0 };

/**
 * The text of a cell; empty when nothing was written there, or for the second half of a wide character. A mark that found
 * nothing to join has a cell in xterm.js, but no place on a real terminal.
 */
export function textAt(line: InternalLine, column: number): string {
  const content = line._data[column * 3] ?? 0;
  const combined = content & COMBINED ? line._combined[column] : undefined;
  const code = combined?.codePointAt(0) ?? content & CODE_POINT;
  if (code === 0 || widthOf(code) === 0) return '';
  return combined ?? String.fromCodePoint(code);
}

/** 2 for a wide character, 0 for its second half. */
export function widthAt(line: InternalLine, column: number): number {
  return (line._data[column * 3] ?? 0) >>> 22;
}

/**
 * Whether a cell holds a character that can be shown before `end`: a wide one needs its second half. Where a program writes
 * over that half without wrapping, xterm.js leaves the first as it was; a real terminal shows a blank there.
 */
export function isWhole(line: InternalLine, column: number, end: number): boolean {
  const width = widthAt(line, column);
  if (width === 0 || column + width > end || textAt(line, column) === '') return false;
  return width < 2 || widthAt(line, column + 1) === 0;
}

export function lookAt(line: InternalLine, column: number): Look {
  const fg = line._data[column * 3 + 1] ?? 0;
  const bg = line._data[column * 3 + 2] ?? 0;
  const extended = bg & HAS_EXTENDED ? line._extendedAttrs[column] : undefined;
  return { fg, bg: bg & ~HAS_EXTENDED, ext: extended?._ext ?? 0, link: extended?._urlId ?? 0 };
}

export function lookOfPen(pen: InternalAttrs): Look {
  const extended = pen.bg & HAS_EXTENDED ? pen.extended : undefined;
  return { fg: pen.fg, bg: pen.bg & ~HAS_EXTENDED, ext: extended?._ext ?? 0, link: extended?._urlId ?? 0 };
}

/** What erasing leaves: the background colour only. */
export function erased(look: Look): Look {
  return { fg: 0, bg: look.bg & COLOUR, ext: 0, link: 0 };
}

export function sameLook(a: Look, b: Look): boolean {
  return a.fg === b.fg && a.bg === b.bg && a.ext === b.ext && a.link === b.link;
}
