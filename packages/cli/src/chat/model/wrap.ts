/** Spans broken into rows of a width: at spaces where there are any, else where the row is full. Pure. */
import { widthOf } from '@skein/node/terminal/screen/width';
import { type Row, type Span, textOf } from './style.ts';
import { columns, rowColumns } from './width.ts';

interface Margins {
  /** What stands before the first row, and before each further one. */
  first?: Row;
  rest?: Row;
  /** Breaks only where the row is full, and keeps every space: for code. */
  hard?: boolean;
}

/** An end of line in a span begins a new row. Never gives less than one row; none is wider than `width`, but for a margin. */
export function wrap(spans: readonly Span[], width: number, margins: Margins = {}): Row[] {
  const { first = [], rest = first, hard = false } = margins;
  const text = textOf(spans);
  const rows: Row[] = [];
  let from = 0;
  do {
    const margin = rows.length === 0 ? first : rest;
    const room = Math.max(2, width - rowColumns(margin));
    const { to, next } = rowEnd(text, from, room, hard);
    rows.push([...margin, ...cut(spans, from, to)]);
    from = next;
  } while (from < text.length);
  if (text.endsWith('\n') && text.length > 0) rows.push([...rest]);
  return rows;
}

const SPACE = 0x20;
const NEWLINE = 0x0a;

/** Where the row that begins at `from` ends, and where the next begins. */
function rowEnd(text: string, from: number, room: number, hard: boolean): { to: number; next: number } {
  let used = 0;
  let at = from;
  /** The last place where it may be broken: the spaces behind it are left out. */
  let place = -1;
  while (at < text.length) {
    const code = text.codePointAt(at) ?? 0;
    if (code === NEWLINE) return { to: at, next: at + 1 };
    const width = widthOf(code);
    if (used + width > room) {
      if (hard) return { to: at, next: at };
      // A space that the row has no room for ends it; wide letters need no space between them to be parted.
      const to = code === SPACE || width === 2 || place <= from ? at : place;
      return { to, next: afterSpaces(text, to) };
    }
    if (code === SPACE) place = at;
    used += width;
    at += code > 0xffff ? 2 : 1;
    if (width === 2) place = at;
  }
  return { to: at, next: at };
}

function afterSpaces(text: string, at: number): number {
  let next = at;
  while (text.charCodeAt(next) === SPACE) next++;
  return text.charCodeAt(next) === NEWLINE ? next + 1 : next;
}

function cut(spans: readonly Span[], from: number, to: number): Span[] {
  const out: Span[] = [];
  let start = 0;
  for (const { text, style } of spans) {
    const end = start + text.length;
    if (end > from && start < to)
      out.push({ text: text.slice(Math.max(0, from - start), Math.max(0, to - start)), style });
    start = end;
    if (start >= to) break;
  }
  return out;
}

/** Spaces that fill a text up to a width. */
export function filled(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - columns(text)));
}
