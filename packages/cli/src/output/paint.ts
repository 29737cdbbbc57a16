/** Colours and aligned tables for people; plain text for everything else. */
import { isTerminal } from './is-terminal.ts';

export interface Paint {
  bold(text: string): string;
  dim(text: string): string;
  red(text: string): string;
  green(text: string): string;
  yellow(text: string): string;
}

const sgr = (on: number, off: number) => (text: string) => `\x1b[${on}m${text}\x1b[${off}m`;
const plain = (text: string) => text;

const COLOURS: Paint = {
  bold: sgr(1, 22),
  dim: sgr(2, 22),
  red: sgr(31, 39),
  green: sgr(32, 39),
  yellow: sgr(33, 39),
};
const NONE: Paint = { bold: plain, dim: plain, red: plain, green: plain, yellow: plain };

/** Colours when stdout is a terminal that has them and nobody asked for none. */
export function paintFor(noColor: boolean, fd = 1): Paint {
  const off = noColor || process.env.NO_COLOR || process.env.TERM === 'dumb' || !isTerminal(fd);
  return off ? NONE : COLOURS;
}

export interface Cell {
  text: string;
  paint?: (text: string) => string;
}

/** Rows as lines with aligned columns; the last column is as wide as it likes. */
export function table(rows: readonly (readonly Cell[])[]): string {
  const measured = rows.map((row) => row.map(({ text }) => columnsOf(text)));
  const widths: number[] = [];
  for (const columns of measured)
    for (let i = 0; i < columns.length; i++) widths[i] = Math.max(widths[i] ?? 0, columns[i] ?? 0);
  let out = '';
  for (const [r, row] of rows.entries()) {
    let line = '';
    for (const [i, { text, paint = plain }] of row.entries()) {
      const fill = (widths[i] ?? 0) - (measured[r]?.[i] ?? 0);
      line += i === row.length - 1 ? paint(text) : `${paint(text)}${' '.repeat(fill)}  `;
    }
    out += `${line.trimEnd()}\n`;
  }
  return out;
}

/** Columns that a text takes: wide characters take two, marks none. Good for names; not for a terminal's screen. */
export function columnsOf(text: string): number {
  // Most text is ASCII: the expressions below cost more than all the rest of a listing.
  if (/^[\x20-\x7e]*$/.test(text)) return text.length;
  let columns = 0;
  for (const char of text) {
    if (/\p{Mark}|\p{Cf}/u.test(char)) continue;
    columns +=
      /\p{Script=Han}|\p{Script=Hiragana}|\p{Script=Katakana}|\p{Script=Hangul}|\p{Emoji_Presentation}/u.test(
        char,
      )
        ? 2
        : 1;
  }
  return columns;
}

/** `12s`, `3m`, `5h`, `9d`: how long ago, in one unit. */
export function age(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  if (seconds < 60) return `${seconds}s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m`;
  if (seconds < 48 * 3600) return `${Math.floor(seconds / 3600)}h`;
  return `${Math.floor(seconds / 86400)}d`;
}

/** An argument as a shell would need it, with nothing that a terminal obeys. */
export function shellWord(word: string): string {
  if (/^[\w@%+=:,./-]+$/.test(word)) return word;
  return `'${visible(word).replaceAll("'", `'\\''`)}'`;
}

/** Control characters made visible, so that a listing cannot move the cursor. */
export function visible(text: string): string {
  return text.replace(/[\x00-\x1f\x7f-\x9f]/g, (c) =>
    c < ' ' ? `^${String.fromCharCode(c.charCodeAt(0) + 64)}` : '?',
  );
}
