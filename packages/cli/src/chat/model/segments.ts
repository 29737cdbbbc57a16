/**
 * A message cut where Markdown lets it be cut: after an empty line, outside of fenced code, before a line that is not
 * indented. Each piece is then shown by itself, so that a message which grows costs only its last piece. Pure.
 */

/** Characters after which a piece is shown as plain text: nobody writes such a paragraph, and parsing it may take long. */
export const LONGEST_PIECE = 32 * 1024;

const FENCE = /^\s*(`{3,}|~{3,})(.*)$/;

/** Feed it the text as it grows; `starts` are the offsets at which pieces begin. */
export class Segments {
  /** Those before the last are final. */
  readonly starts: number[] = [0];
  #line = 0;
  #fence = '';
  #blank = false;

  /** `text` begins with what was given before. */
  read(text: string): void {
    for (;;) {
      // A line's first character tells whether a piece begins with it.
      const begins = this.#line < text.length && this.#blank && this.#fence === '';
      const last = this.starts[this.starts.length - 1] ?? 0;
      if (begins && this.#line > last && /\S/.test(text.charAt(this.#line))) this.starts.push(this.#line);
      const end = text.indexOf('\n', this.#line);
      if (end < 0) return;
      const line = text.slice(this.#line, end);
      this.#blank = line.trim() === '';
      this.#see(line);
      this.#line = end + 1;
    }
  }

  #see(line: string): void {
    const [, marks = '', rest = ''] = FENCE.exec(line) ?? [];
    if (marks === '') return;
    if (this.#fence === '') {
      // Backticks behind backticks are code within a line.
      if (!(marks.startsWith('`') && rest.includes('`'))) this.#fence = marks;
    } else if (marks.startsWith(this.#fence) && rest.trim() === '') this.#fence = '';
  }
}
