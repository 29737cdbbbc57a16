/** A unified difference of two texts, as `diff -u` and `git diff` write it. Pure. */
import { type DiffLine, lineDiff, linesOf } from './line-diff.ts';

/** Lines around a change that are told. */
const AROUND = 3;
const NO_END = '\\ No newline at end of file';

/** Its hunks, without names of files; empty when the texts are the same. */
export function unified(before: string, after: string): string {
  const lines = lineDiff(marked(before), marked(after));
  const out: string[] = [];
  for (const [from, to] of spans(lines)) out.push(header(lines, from, to), ...body(lines.slice(from, to)));
  return out.length === 0 ? '' : `${out.join('\n')}\n`;
}

/** A last line without an end is another than the same with one. */
function marked(text: string): string[] {
  const lines = linesOf(text);
  if (text !== '' && !text.endsWith('\n')) lines.push(`${lines.pop()}\n`);
  return lines;
}

/** From where to where lines are near a change; what touches is one. */
function spans(lines: readonly DiffLine[]): [number, number][] {
  const found: [number, number][] = [];
  for (const [i, { op }] of lines.entries()) {
    if (op === ' ') continue;
    const [from, to] = [Math.max(0, i - AROUND), Math.min(lines.length, i + AROUND + 1)];
    const last = found.at(-1);
    if (last !== undefined && from <= last[1]) last[1] = to;
    else found.push([from, to]);
  }
  return found;
}

function header(lines: readonly DiffLine[], from: number, to: number): string {
  const side = (mark: '-' | '+', without: '-' | '+') => {
    const count = (some: readonly DiffLine[]) => some.filter(({ op }) => op !== without).length;
    const size = count(lines.slice(from, to));
    const start = count(lines.slice(0, from)) + (size === 0 ? 0 : 1);
    return `${mark}${start}${size === 1 ? '' : `,${size}`}`;
  };
  return `@@ ${side('-', '+')} ${side('+', '-')} @@`;
}

function body(lines: readonly DiffLine[]): string[] {
  return lines.flatMap(({ op, text }) =>
    text.endsWith('\n') ? [`${op}${text.slice(0, -1)}`, NO_END] : [`${op}${text}`],
  );
}
