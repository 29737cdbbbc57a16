/** Styled text as data: spans and rows, and how they become what a terminal obeys. */

/** A colour in the low five bits (0 for the terminal's own), and flags above them. */
export type Style = number;

export const RED = 2;
export const GREEN = 3;
export const YELLOW = 4;
export const BLUE = 5;
export const MAGENTA = 6;
export const CYAN = 7;
const COLOUR = 0x1f;
export const BOLD = 1 << 5;
export const DIM = 1 << 6;
export const ITALIC = 1 << 7;
export const UNDERLINE = 1 << 8;
export const STRIKE = 1 << 9;
export const INVERSE = 1 << 10;
export const PLAIN = 0;

export interface Span {
  text: string;
  style: Style;
}

/** One row of a screen. Its texts hold nothing that a terminal obeys, and no end of line. */
export type Row = readonly Span[];

export function span(text: string, style: Style = PLAIN): Span {
  return { text, style };
}

/** A style over another: flags are joined, a colour replaces. */
export function over(below: Style, above: Style): Style {
  return ((above & COLOUR) === 0 ? below : below & ~COLOUR) | above;
}

export function textOf(row: Row): string {
  return row.map(({ text }) => text).join('');
}

const FLAGS: readonly (readonly [Style, number])[] = [
  [BOLD, 1],
  [DIM, 2],
  [ITALIC, 3],
  [UNDERLINE, 4],
  [INVERSE, 7],
  [STRIKE, 9],
];

/** The row with the sequences that show it; without `colours` only bold, dim and the like, as NO_COLOR asks. */
export function toAnsi(row: Row, colours: boolean): string {
  let out = '';
  for (const { text, style } of row) {
    const codes = FLAGS.flatMap(([flag, code]) => ((style & flag) === 0 ? [] : [code]));
    const colour = style & COLOUR;
    if (colours && colour !== 0) codes.push(29 + colour);
    out += codes.length === 0 ? text : `\x1b[${codes.join(';')}m${text}\x1b[0m`;
  }
  return out;
}
