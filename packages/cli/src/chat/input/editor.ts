/**
 * The text that is being written: several lines, a cursor, and long pastes kept aside with a mark in their place, so that
 * five megabytes cost a key no more than five letters. Pure.
 */
import { widthOf } from '@skein/node/terminal/screen/width';
import { bytesText } from '../../output/bytes-text.ts';
import { clean } from '../model/clean.ts';

/** Characters, or lines, of a paste after which it is kept aside. */
const LONG_PASTE = 1_000;
const LONG_PASTE_LINES = 12;
/** Stands for a paste that is kept aside: the first of those that Unicode leaves to private use, one each. */
const FIRST_MARK = 0xf0000;
const MARK = /[\u{f0000}-\u{fffff}]/gu;

export interface Paste {
  text: string;
  name: string;
}

export interface Editor {
  text: string;
  /** In UTF-16 units, never within a character. */
  cursor: number;
  /** Pastes by mark, with what each is called on the screen. */
  pastes: readonly Paste[];
  /** The column that moving up and down tries to keep. */
  wish?: number;
}

export const EMPTY: Editor = { text: '', cursor: 0, pastes: [] };

export function insert(editor: Editor, text: string): Editor {
  const { cursor, pastes } = editor;
  // A private character from outside would be taken for a paste.
  const given = text.replace(MARK, '');
  const all = editor.text.slice(0, cursor) + given + editor.text.slice(cursor);
  return { text: all, cursor: cursor + given.length, pastes };
}

export function paste(editor: Editor, text: string): Editor {
  const short =
    text.length <= LONG_PASTE && text.split('\n', LONG_PASTE_LINES + 1).length <= LONG_PASTE_LINES;
  if (short) return insert(editor, clean(text));
  const mark = String.fromCodePoint(FIRST_MARK + editor.pastes.length);
  const { cursor } = editor;
  return {
    text: editor.text.slice(0, cursor) + mark + editor.text.slice(cursor),
    cursor: cursor + mark.length,
    pastes: [...editor.pastes, { text, name: pasteName(text) }],
  };
}

/** What is to be sent: pastes in their places. */
export function wholeText({ text, pastes }: Editor): string {
  return text.replace(MARK, (mark) => pastes[indexOf(mark)]?.text ?? '');
}

function indexOf(mark: string): number {
  return (mark.codePointAt(0) ?? 0) - FIRST_MARK;
}

export function withText(text: string): Editor {
  return insert(EMPTY, text);
}

const segmenter = new Intl.Segmenter();

function before(text: string, cursor: number): number {
  // A line is enough to look at: no cluster goes beyond one.
  const line = text.lastIndexOf('\n', cursor - 1) + 1;
  if (line === cursor) return Math.max(0, cursor - 1);
  let last = line;
  for (const { index } of segmenter.segment(text.slice(line, cursor))) last = line + index;
  return last;
}

function after(text: string, cursor: number): number {
  if (cursor >= text.length) return cursor;
  const { value } = segmenter
    .segment(text.slice(cursor, cursor + 256))
    [Symbol.iterator]()
    .next();
  return cursor + (value?.segment.length ?? 1);
}

export function left(e: Editor): Editor {
  return at(e, before(e.text, e.cursor));
}

export function right(e: Editor): Editor {
  return at(e, after(e.text, e.cursor));
}

export function wordLeft(e: Editor): Editor {
  const found = /[\p{L}\p{N}_]*[^\p{L}\p{N}_]*$/u.exec(e.text.slice(0, e.cursor));
  return at(e, e.cursor - (found?.[0].length ?? 0));
}

export function wordRight(e: Editor): Editor {
  const found = /^[^\p{L}\p{N}_]*[\p{L}\p{N}_]*/u.exec(e.text.slice(e.cursor));
  return at(e, e.cursor + (found?.[0].length ?? 0));
}

export function lineStart(e: Editor): Editor {
  return at(e, e.text.lastIndexOf('\n', e.cursor - 1) + 1);
}

export function lineEnd(e: Editor): Editor {
  const end = e.text.indexOf('\n', e.cursor);
  return at(e, end < 0 ? e.text.length : end);
}

function at({ text, pastes }: Editor, cursor: number): Editor {
  return { text, cursor, pastes };
}

/** Deletes from the cursor to where the other one is. */
export function removeTo(e: Editor, other: Editor): Editor {
  const [from, to] = [Math.min(e.cursor, other.cursor), Math.max(e.cursor, other.cursor)];
  return { text: e.text.slice(0, from) + e.text.slice(to), cursor: from, pastes: e.pastes };
}

/** A line up or down, in the same column; undefined where there is none. */
export function vertical(e: Editor, delta: 1 | -1): Editor | undefined {
  const start = e.text.lastIndexOf('\n', e.cursor - 1) + 1;
  const wish = e.wish ?? e.cursor - start;
  let from: number;
  if (delta < 0) {
    if (start === 0) return undefined;
    from = e.text.lastIndexOf('\n', start - 2) + 1;
  } else {
    const end = e.text.indexOf('\n', e.cursor);
    if (end < 0) return undefined;
    from = end + 1;
  }
  const end = e.text.indexOf('\n', from);
  const cursor = Math.min(from + wish, end < 0 ? e.text.length : end);
  const whole = /[\udc00-\udfff]/.test(e.text.charAt(cursor)) ? cursor - 1 : cursor;
  return { ...at(e, whole), wish };
}

export interface EditorRows {
  rows: string[];
  /** Where the cursor is among them. */
  row: number;
  column: number;
}

/** As rows of a width, marks of pastes told in words; only those around the cursor, `height` at most. */
export function editorRows(e: Editor, width: number, height: number): EditorRows {
  const rows: string[] = [''];
  let column = 0;
  let place = { row: 0, column: 0 };
  let offset = 0;
  const put = (text: string, columns: number) => {
    if (column + columns > width) {
      rows.push('');
      column = 0;
    }
    rows[rows.length - 1] += text;
    column += columns;
  };
  for (const char of e.text) {
    if (offset === e.cursor) place = { row: rows.length - 1, column };
    offset += char.length;
    const code = char.codePointAt(0) ?? 0;
    if (char === '\n') {
      rows.push('');
      column = 0;
    } else if (code >= FIRST_MARK) for (const c of e.pastes[code - FIRST_MARK]?.name ?? '') put(c, 1);
    else put(char, widthOf(code));
  }
  if (offset === e.cursor) place = { row: rows.length - 1, column };
  // A cursor behind a full row stands in the next.
  if (place.column >= width) {
    place = { row: place.row + 1, column: 0 };
    if (rows.length <= place.row) rows.push('');
  }
  const from = Math.max(0, Math.min(place.row - height + 1, rows.length - height));
  return { rows: rows.slice(from, from + height), row: place.row - from, column: place.column };
}

function pasteName(text: string): string {
  const lines = text.split('\n').length;
  return `[pasted ${lines > 1 ? `${lines} lines, ` : ''}${bytesText(text.length)}]`;
}
