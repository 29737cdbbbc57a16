/** Tables with aligned columns for people, measured by what a terminal shows. */

const plain = (text: string) => text;

export interface Cell {
  text: string;
  paint?: (text: string) => string;
}

/** Rows as lines with aligned columns; the last column is as wide as it likes. */
export function table(rows: readonly (readonly Cell[])[]): string {
  // Plain loops: this is what a listing of a thousand sessions costs above one of ten.
  const measured: number[] = [];
  const widths: number[] = [];
  for (const row of rows) {
    for (let i = 0; i < row.length; i++) {
      const columns = columnsOf(row[i]?.text ?? '');
      measured.push(columns);
      if (columns > (widths[i] ?? 0)) widths[i] = columns;
    }
  }
  let out = '';
  let n = 0;
  for (const row of rows) {
    let line = '';
    for (let i = 0; i < row.length; i++) {
      const { text, paint = plain } = row[i] as Cell;
      line += paint(text);
      if (i < row.length - 1) line += blanks((widths[i] ?? 0) - (measured[n] ?? 0) + GAP);
      n += 1;
    }
    out += endsBlank(row) ? `${line.trimEnd()}\n` : `${line}\n`;
  }
  return out;
}

/** Between two columns. */
const GAP = 2;
const BLANKS = ' '.repeat(128);

function blanks(count: number): string {
  return count <= BLANKS.length ? BLANKS.slice(0, count) : ' '.repeat(count);
}

/** Whether a line may end with what is not seen; to trim every one costs as much as all the rest. */
function endsBlank(row: readonly Cell[]): boolean {
  const text = row.at(-1)?.text ?? '';
  const last = text.charCodeAt(text.length - 1);
  return !(last > 0x20 && last < 0x7f);
}

function isPlain(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code < 0x20 || code > 0x7e) return false;
  }
  return true;
}

/** Columns that a text takes: wide characters take two, marks none. Good for names; not for a terminal's screen. */
export function columnsOf(text: string): number {
  // Most text is ASCII: the expressions below cost more than all the rest of a listing.
  if (isPlain(text)) return text.length;
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
