/** The rows of a message that grows: only its last piece is parsed again. The same, whatever the pieces it came in. */
import { markdownRows } from './markdown.ts';
import { Segments } from './segments.ts';
import type { Row, Style } from './style.ts';

export class MessageRows {
  #text = '';
  #width = 0;
  #segments = new Segments();
  /** Of the pieces that are final. */
  #rows: Row[] = [];
  #done = 0;

  rows(text: string, width: number, style: Style): Row[] {
    if (width !== this.#width || !text.startsWith(this.#text)) {
      this.#segments = new Segments();
      this.#rows = [];
      this.#done = 0;
    }
    this.#text = text;
    this.#width = width;
    this.#segments.read(text);
    const { starts } = this.#segments;
    for (; this.#done < starts.length - 1; this.#done++)
      join(this.#rows, markdownRows(text.slice(starts[this.#done], starts[this.#done + 1]), width, style));
    const rows = [...this.#rows];
    join(rows, markdownRows(text.slice(starts[this.#done]), width, style));
    return rows;
  }
}

function join(rows: Row[], more: readonly Row[]): void {
  if (more.length === 0) return;
  if (rows.length > 0) rows.push([]);
  for (const row of more) rows.push(row);
}
