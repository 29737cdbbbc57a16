/** Columns of text, by the same table as the emulated screens. */
import { widthOf } from '@skein/node/terminal/screen/width';
import type { Row } from './style.ts';

const ASCII = /^[\x20-\x7e]*$/;

export function columns(text: string): number {
  if (ASCII.test(text)) return text.length;
  let sum = 0;
  for (const char of text) sum += widthOf(char.codePointAt(0) ?? 0);
  return sum;
}

export function rowColumns(row: Row): number {
  return row.reduce((sum, { text }) => sum + columns(text), 0);
}

/** The longest beginning that fits, cut with `…` when it is not all. */
export function fitted(text: string, width: number): string {
  if (columns(text) <= width) return text;
  if (width < 1) return '';
  return `${beginning(text, width - 1)}…`;
}

function beginning(text: string, width: number): string {
  let used = 0;
  let end = 0;
  for (const char of text) {
    used += widthOf(char.codePointAt(0) ?? 0);
    if (used > width) break;
    end += char.length;
  }
  return text.slice(0, end);
}

/** A row cut to a width. */
export function fittedRow(row: Row, width: number): Row {
  let left = width;
  const out = [];
  for (const { text, style } of row) {
    const cut = fitted(text, left);
    if (cut !== '') out.push({ text: cut, style });
    left -= columns(cut);
    if (cut !== text) break;
  }
  return out;
}
