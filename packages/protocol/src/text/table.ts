/** Tables with aligned columns for people, measured by what a terminal shows. */

const plain = (text: string) => text;

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
