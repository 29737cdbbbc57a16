/**
 * A program's output as plain text: sequences gone, and each line as it stood when it was left. Knows what line editors
 * and progress bars do within a line; what full-screen programs paint comes out as the text in it.
 */

const TAB = 8;
/** Characters of a line that has no end; a longer one is given out in pieces. */
const LONGEST = 64 * 1024;
/** Columns past the end of a line that a sequence may move to, or has it edited in: no terminal is wider. */
const WIDEST = 1_000;

const BLANKS: readonly string[] = new Array<string>(WIDEST).fill(' ');

/** A sequence, whole; the kinds in the order of their introducers. */
const SEQUENCE =
  /^(?:\x1b\[([0-?]*)[ -/]*([@-~])|\x1b[\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[ -/]*[0-Z\\^-~])/;
/** The beginning of one, of which the rest is to come. */
const UNFINISHED = /^\x1b(?:\[[0-?]*[ -/]*|[\]PX^_][^\x07\x1b]*\x1b?|[ -/]*)$/;

/** An introducer in one character, which terminals obey as they do ESC and the letter that it stands for. */
const ONE_BYTE = /[\x80-\x9f]/g;
const twoBytes = (char: string) => `\x1b${String.fromCharCode(char.charCodeAt(0) - 0x40)}`;

export class PlainText {
  #line: string[] = [];
  #column = 0;
  #rest = '';
  /** Columns between which something was written since that was last asked. */
  #from = Number.POSITIVE_INFINITY;
  #to = 0;

  /** Takes the next text in and returns the lines that are finished. */
  push(text: string): string {
    const all = this.#rest + text.replace(ONE_BYTE, twoBytes);
    this.#rest = '';
    let out = '';
    for (let at = 0; at < all.length; ) {
      if (all[at] === '\x1b') {
        const tail = all.slice(at, at + LONGEST);
        const match = SEQUENCE.exec(tail);
        if (match !== null) {
          this.#sequence(match[1], match[2]);
          at += match[0].length;
          continue;
        }
        if (tail.length < LONGEST && UNFINISHED.test(tail)) {
          this.#rest = tail;
          return out;
        }
        at++;
        continue;
      }
      const char = String.fromCodePoint(all.codePointAt(at) as number);
      at += char.length;
      if (char === '\n' || this.#line.length >= LONGEST) out += `${this.#take()}\n`;
      if (char !== '\n') this.#put(char);
    }
    return out;
  }

  /** The line that was not finished. */
  end(): string {
    const last = this.#take();
    return last === '' ? '' : `${last}\n`;
  }

  /** What was written into the line that is not finished since this was last asked, with so much of it on either side. */
  fresh(around: number): string {
    const fresh = this.#line.slice(Math.max(0, this.#from - around), this.#to + around);
    const some = this.#from < this.#to;
    this.#stale();
    return some ? fresh.join('') : '';
  }

  #take(): string {
    const line = this.#line.join('').trimEnd();
    this.#line = [];
    this.#column = 0;
    this.#stale();
    return line;
  }

  #stale(): void {
    this.#from = Number.POSITIVE_INFINITY;
    this.#to = 0;
  }

  #put(char: string): void {
    if (char === '\r') this.#column = 0;
    else if (char === '\b') this.#column = Math.max(0, this.#column - 1);
    else if (char === '\t') this.#column += TAB - (this.#column % TAB);
    else if (char >= ' ' && char !== '\x7f') {
      this.#fill(this.#column);
      this.#line[this.#column] = char;
      this.#touched(this.#column++);
    }
  }

  #touched(column: number): void {
    this.#from = Math.min(this.#from, column);
    this.#to = Math.max(this.#to, column + 1);
  }

  /** What moves or erases within the line; everything else changes how it looks. */
  #sequence(parameters: string | undefined, final: string | undefined): void {
    if (final === undefined || !/^\d*(;\d*)*$/.test(parameters ?? '')) return;
    const first = Number((parameters ?? '').split(';')[0]);
    const count = Math.min(first || 1, LONGEST);
    const far = Math.min(Math.max(this.#line.length, WIDEST), LONGEST);
    if (final === 'C') this.#column = Math.min(this.#column + count, far);
    else if (final === 'D') this.#column = Math.max(0, this.#column - count);
    else if (final === 'G') this.#column = Math.min(count - 1, far);
    else if (final === 'K') this.#erase(first);
    // A sequence of three bytes would move all of a line, however long: none is edited that is wider than any terminal.
    else if (this.#line.length > WIDEST) return;
    else if (final === 'P') this.#line.splice(this.#column, count);
    else if (final === '@') this.#insert(count);
    if (final === 'P') this.#touched(this.#column);
  }

  /** As in a terminal, what comes past the end of the line is lost. */
  #insert(count: number): void {
    if (this.#column >= this.#line.length) return;
    const rest = this.#line.slice(this.#column, Math.max(this.#column, WIDEST - count));
    const before = this.#line.slice(0, this.#column);
    this.#line = rest.length === 0 ? before : before.concat(BLANKS.slice(0, count), rest);
  }

  #erase(which: number): void {
    if (which === 0) this.#line.length = Math.min(this.#line.length, this.#column);
    else if (which === 1 && this.#line.length <= WIDEST) this.#line.fill(' ', 0, this.#column + 1);
    else if (which === 2) this.#line = [];
  }

  #fill(to: number): void {
    while (this.#line.length < to) this.#line.push(' ');
  }
}
