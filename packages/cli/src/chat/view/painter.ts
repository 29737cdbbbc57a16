/**
 * The bytes that turn one frame on a terminal into the next: rows that moved are scrolled, of rows that changed only the end
 * is written. Every row is addressed by its number, so that no character's width can push another row away. Pure.
 */

export interface Frame {
  /** A row each, with the sequences of its looks, each row ending without any. */
  lines: readonly string[];
  cols: number;
  rows: number;
  /** Counted from 0; none is shown without it. */
  cursor?: { x: number; y: number } | undefined;
}

const BEGIN = '\x1b[?2026h\x1b[?25l';
const END = '\x1b[?2026l';
/** Rows that must have moved together for a scroll to be worth it, and how far they are looked for. */
const WORTH_SCROLLING = 4;
const FARTHEST = 24;

/** Empty when nothing changes. */
export function paint(before: Frame | undefined, next: Frame): string {
  const fresh = before === undefined || before.cols !== next.cols || before.rows !== next.rows;
  const old = fresh ? [] : [...before.lines];
  let out = fresh ? '\x1b[0m\x1b[2J' : '';
  if (!fresh) {
    const moved = scrolled(old, next.lines);
    if (moved !== undefined) {
      const { top, bottom, by } = moved;
      out += `\x1b[${top + 1};${bottom + 1}r\x1b[${by > 0 ? `${by}S` : `${-by}T`}\x1b[r`;
      const part = old.slice(top, bottom + 1);
      const blank = Array.from({ length: Math.abs(by) }, () => '');
      old.splice(
        top,
        part.length,
        ...(by > 0 ? [...part.slice(by), ...blank] : [...blank, ...part.slice(0, by)]),
      );
    }
  }
  for (let y = 0; y < next.rows; y++) {
    const line = next.lines[y] ?? '';
    if (line !== (old[y] ?? '')) out += changed(old[y] ?? '', line, y);
  }
  const cursorMoved = before?.cursor?.x !== next.cursor?.x || before?.cursor?.y !== next.cursor?.y;
  if (out === '' && !cursorMoved) return '';
  const { cursor } = next;
  const place = cursor === undefined ? '' : `\x1b[${cursor.y + 1};${cursor.x + 1}H\x1b[?25h`;
  return out === '' ? place || '\x1b[?25l' : BEGIN + out + place + END;
}

/** A part of the screen whose rows stand higher (`by` > 0) or lower than before. */
function scrolled(
  old: readonly string[],
  next: readonly string[],
): { top: number; bottom: number; by: number } | undefined {
  let best: { top: number; bottom: number; by: number; rows: number } | undefined;
  for (let distance = 1; distance <= FARTHEST; distance++)
    for (const by of [distance, -distance]) {
      let start = -1;
      let rows = 0;
      for (let y = 0; y <= next.length; y++) {
        const from = y + by;
        const same = y < next.length && from >= 0 && from < old.length && next[y] === old[from];
        if (same) {
          if (start < 0) start = y;
          // A row that is as it was on its own place, or is empty, gains nothing.
          if (next[y] !== old[y] && next[y] !== '') rows++;
        } else if (start >= 0) {
          if (rows >= WORTH_SCROLLING && rows > (best?.rows ?? 0))
            best =
              by > 0
                ? { top: start, bottom: y - 1 + by, by, rows }
                : { top: start + by, bottom: y - 1, by, rows };
          start = -1;
          rows = 0;
        }
      }
    }
  return best;
}

const SEQUENCE = /\x1b\[[\d;]*m/y;
/** Sequences that may have to be said again before the part of a row that changed. */
const MOST_LOOKS = 6;

function changed(old: string, line: string, y: number): string {
  let same = 0;
  while (same < old.length && same < line.length && old.charCodeAt(same) === line.charCodeAt(same)) same++;
  let column = 0;
  let looks: string[] = [];
  let at = 0;
  let kept = { at: 0, column: 0, looks: '' };
  while (at < same) {
    SEQUENCE.lastIndex = at;
    const found = SEQUENCE.exec(line)?.[0];
    if (found !== undefined) {
      if (at + found.length > same) break;
      looks = found === '\x1b[0m' ? [] : [...looks, found];
      at += found.length;
    } else {
      const code = line.charCodeAt(at);
      // Only of these is it certain how wide they are, and that nothing joins them.
      if (code < 0x20 || code > 0x7e) break;
      at++;
      column++;
    }
    if (looks.length <= MOST_LOOKS && at < same) kept = { at, column, looks: looks.join('') };
  }
  // What follows may be a mark that belongs to the last character.
  const next = line.charCodeAt(kept.at);
  if (Number.isNaN(next) || (next > 0x7e && kept.column > 0)) {
    const whole = `\x1b[${y + 1}H${line}`;
    return `${whole}\x1b[0m\x1b[K`;
  }
  const where = kept.column === 0 ? `\x1b[${y + 1}H` : `\x1b[${y + 1};${kept.column + 1}H`;
  const rest = line.slice(kept.at);
  return `${where}${kept.looks}${rest}${rest.includes('\x1b') || kept.looks !== '' ? '\x1b[0m' : ''}\x1b[K`;
}
