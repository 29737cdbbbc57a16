/**
 * How many columns a character takes. xterm.js's own table is of Unicode 6, where emoji are narrow; programs measure by
 * their C library, which is newer. Graphemes are not joined: an emoji sequence is as wide as its parts, as in wcwidth.
 */

import type { IUnicodeVersionProvider } from '@xterm/headless';

/** First and last code points of what is wide by East Asian Width; emoji come on top. */
const WIDE: readonly (readonly [number, number])[] = [
  [0x1100, 0x115f],
  [0x2329, 0x232a],
  [0x2e80, 0x303e],
  [0x3041, 0x4dbf],
  [0x4e00, 0xa4cf],
  [0xa960, 0xa97c],
  [0xac00, 0xd7a3],
  [0xf900, 0xfaff],
  [0xfe10, 0xfe19],
  [0xfe30, 0xfe6f],
  [0xff01, 0xff60],
  [0xffe0, 0xffe6],
  [0x16fe0, 0x16ff1],
  [0x17000, 0x18d08],
  [0x1aff0, 0x1b2fb],
  [0x1f200, 0x1f265],
  [0x20000, 0x2fffd],
  [0x30000, 0x3fffd],
];

/** Vowels and finals of Hangul, which join the syllable before them. */
const JOINING_HANGUL = /[\u1160-\u11ff\ud7b0-\ud7c6\ud7cb-\ud7fb]/;
const NO_WIDTH = /[\p{Mn}\p{Me}\u200b-\u200f\u202a-\u202e\u2060-\u2064]/u;
const EMOJI = /\p{Emoji_Presentation}/u;

function measure(code: number): 0 | 1 | 2 {
  if (code < 0x20 || (code >= 0x7f && code < 0xa0)) return 0;
  const char = String.fromCodePoint(code);
  if (NO_WIDTH.test(char) || JOINING_HANGUL.test(char)) return 0;
  // Flags are written with two regional indicators, narrow each.
  if (code >= 0x1f1e6 && code <= 0x1f1ff) return 1;
  return WIDE.some(([first, last]) => code >= first && code <= last) || EMOJI.test(char) ? 2 : 1;
}

/** Measured 256 at a time, when the first of them is met. */
const blocks: (Uint8Array | undefined)[] = [];

/** Columns of a code point. */
export function widthOf(code: number): number {
  const index = code >> 8;
  let block = blocks[index];
  if (block === undefined) {
    block = Uint8Array.from({ length: 256 }, (_, low) => measure((index << 8) | low));
    blocks[index] = block;
  }
  return block[code & 0xff] ?? 1;
}

/** What xterm.js asks: width, and whether a character joins the one before; packed as its own provider does. */
export const unicodeProvider: IUnicodeVersionProvider = {
  version: 'skein',
  wcwidth: (code) => widthOf(code) as 0 | 1 | 2,
  charProperties(code, preceding) {
    if (code >= 0x20 && code < 0x7f) return 1 << 1;
    const width = widthOf(code);
    // A mark joins the cell before it even when a sequence came in between, as on other terminals.
    return width === 0 ? (preceding & 0b110) | 1 : width << 1;
  },
};
