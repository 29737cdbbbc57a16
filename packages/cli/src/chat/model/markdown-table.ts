/** A Markdown table as rows: columns as wide as they need, narrowed together where the screen is. Pure. */
import type { Tokens } from 'marked';
import { inline } from './markdown-inline.ts';
import { BOLD, DIM, type Row, type Style, span } from './style.ts';
import { rowColumns } from './width.ts';
import { wrap } from './wrap.ts';

/** Columns that a cell is never narrower than. */
const NARROWEST = 4;
const BETWEEN = ' │ ';

export function tableRows(table: Tokens.Table, width: number, style: Style): Row[] {
  const head = table.header.map((cell) => inline(cell.tokens, style | BOLD));
  const body = table.rows.map((row) => row.map((cell) => inline(cell.tokens, style)));
  const all = [head, ...body];
  const widest = head.map((_, i) =>
    Math.max(1, ...all.map((row) => rowColumns(row[i]?.filter(({ text }) => text !== '\n') ?? []))),
  );
  const room = width - BETWEEN.length * (head.length - 1);
  const widths = narrowed(widest, room);
  if (widths.reduce((sum, one) => sum + one, 0) > room) return all.flatMap((row) => wrap(joined(row), width));
  const rule: Row = [span(widths.map((w) => '─'.repeat(w)).join('─┼─'), DIM)];
  const lines = all.map((row) => lineOf(row, widths, table.align));
  return [...(lines[0] ?? []), rule, ...lines.slice(1).flat()];
}

/** A line of a table that has no room for columns. */
function joined(cells: readonly Row[]): Row {
  return cells.flatMap((cell, i) => (i === 0 ? cell : [span(BETWEEN, DIM), ...cell]));
}

/** The widest columns give first. */
export function narrowed(widths: readonly number[], room: number): number[] {
  const out = [...widths];
  for (let over = out.reduce((a, b) => a + b, 0) - room; over > 0; ) {
    const most = Math.max(...out);
    if (most <= NARROWEST) break;
    const next = Math.max(NARROWEST, ...out.filter((w) => w < most));
    const at = out.flatMap((w, i) => (w === most ? [i] : []));
    const each = Math.max(1, Math.min(most - next || most - NARROWEST, Math.ceil(over / at.length)));
    for (const i of at) {
      if (over <= 0) break;
      out[i] = most - each;
      over -= each;
    }
  }
  return out;
}

function lineOf(cells: readonly Row[], widths: readonly number[], align: Tokens.Table['align']): Row[] {
  const wrapped = widths.map((width, i) => wrap(cells[i] ?? [], width));
  const height = Math.max(...wrapped.map((rows) => rows.length));
  return Array.from({ length: height }, (_, y) =>
    widths.flatMap((width, i) => {
      const row = wrapped[i]?.[y] ?? [];
      const space = Math.max(0, width - rowColumns(row));
      const left = align[i] === 'right' ? space : align[i] === 'center' ? Math.floor(space / 2) : 0;
      const between = i === 0 ? [] : [span(BETWEEN, DIM)];
      return [...between, span(' '.repeat(left)), ...row, span(' '.repeat(space - left))];
    }),
  );
}
