/** What `skein top`'s screen shows, as rows that fit: computed from its state alone. */
import { costText } from '../agents/numbers.ts';
import { cleanLine } from '../chat/model/clean.ts';
import {
  BOLD,
  DIM,
  GREEN,
  INVERSE,
  over,
  PLAIN,
  RED,
  type Row,
  type Span,
  span,
  UNDERLINE,
  YELLOW,
} from '../chat/model/style.ts';
import { columns as columnsOf, fitted, fittedRow, rowColumns } from '../chat/model/width.ts';
import { type Column, cell, columnsFor, cpuText, gapAt, memoryText } from './columns.ts';
import { helpRows } from './help.ts';
import { machineRows, plural } from './machines.ts';
import type { Sort } from './order.ts';
import type { TopRow } from './rows.ts';
import type { TopState } from './state.ts';

/** Rows from top to bottom, as many as the terminal has. */
export interface TopView {
  cols: number;
  rows: number;
  height: number;
  lines: Row[];
  cursor: { x: number; y: number } | undefined;
}

/** The part of the screen that machines take at most; were they more, they are counted. */
const MACHINES_SHARE = 4;

export function frameOf(state: TopState, now: number): TopView {
  const { cols, rows } = state.size;
  const footer = footerOf(state, cols, now);
  const head = rows < 4 ? [] : [summaryOf(state, cols)];
  const machines =
    rows < 8 ? [] : machineRows(state.machines, cols, Math.max(1, Math.floor(rows / MACHINES_SHARE)));
  const room = Math.max(0, rows - head.length - machines.length - 1);
  const body = state.mode.kind === 'help' ? helpRows(cols).slice(0, room) : tableRows(state, cols, room);
  const blank = Array.from({ length: Math.max(0, room - body.length) }, (): Row => []);
  const lines = [...head, ...machines, ...body, ...blank, footer].slice(-Math.max(1, rows));
  const typed = state.mode.kind === 'filter' ? 1 + columnsOf(cleanLine(state.kept.filter)) : undefined;
  const cursor = typed === undefined ? undefined : { x: Math.min(typed, cols - 1), y: lines.length - 1 };
  return { cols, rows, height: lines.length, lines, cursor };
}

/** Rows of the table that the screen has room for, its head left out. */
export function tableHeight(state: TopState): number {
  const { rows } = state.size;
  const machines =
    rows < 8 ? 0 : Math.min(state.machines.length, Math.max(1, Math.floor(rows / MACHINES_SHARE)));
  return Math.max(1, rows - (rows < 4 ? 0 : 1) - machines - 2);
}

function summaryOf({ all, machines, loaded }: TopState, cols: number): Row {
  const agents = all.filter(({ kind }) => kind === 'agent');
  const count = (state: string) => agents.filter((one) => one.state === state).length;
  const asks = agents.reduce((sum, one) => sum + one.asks, 0);
  const cost: Record<string, number> = {};
  for (const one of agents)
    for (const [currency, amount] of Object.entries(one.cost))
      cost[currency] = (cost[currency] ?? 0) + amount;
  const cpu = all.reduce((sum, one) => sum + (one.cpu ?? 0), 0);
  const memory = all.reduce((sum, one) => sum + (one.memory ?? 0), 0);
  const left: Span[] = [span(' skein top ', BOLD | INVERSE)];
  if (!loaded) return fittedRow([...left, span(' looking…', DIM)], cols);
  if (asks > 0)
    left.push(span(` ${asks} ${asks === 1 ? 'question' : 'questions'}`, YELLOW | BOLD), span(' ·', DIM));
  left.push(
    span(` ${plural(agents.length, 'agent')}`),
    span(`, ${count('working')} working`, count('working') > 0 ? GREEN : DIM),
  );
  left.push(span(` · ${plural(all.length - agents.length, 'terminal')}`, DIM));
  left.push(span(` · ${cpuText(cpu)} ${memoryText(memory)}`, DIM));
  if (Object.keys(cost).length > 0) left.push(span(` · ${costText(cost)}`, DIM));
  if (machines.length > 1) left.push(span(` · ${plural(machines.length, 'machine')}`, DIM));
  return fittedRow(left, cols);
}

/** The head of the table and the rows around the selected one. */
function tableRows(state: TopState, cols: number, room: number): Row[] {
  if (room === 0) return [];
  const { rows, at, kept } = state;
  if (rows.length === 0)
    return ['', emptyText(state)].map((text) => [span(fitted(text, cols), DIM)]).slice(0, room);
  const columns = columnsFor(state.all, cols);
  const gap = gapAt(cols);
  const head = headRow(columns, gap, kept.sort, kept.reversed);
  if (room === 1) return [rowOf(rows[at] as TopRow, columns, gap, cols, true)];
  const height = room - 1;
  state.top = Math.max(0, Math.min(Math.max(state.top, at - height + 1), at, rows.length - 1));
  if (rows.length - state.top < height) state.top = Math.max(0, rows.length - height);
  const shown = rows.slice(state.top, state.top + height);
  return [head, ...shown.map((row, i) => rowOf(row, columns, gap, cols, state.top + i === at))];
}

function emptyText({ loaded, total, kept }: TopState): string {
  if (!loaded) return '';
  return total === 0
    ? '  Nothing runs. Start something: skein run claude'
    : `  None of ${total} matches "${cleanLine(kept.filter)}". Any filter goes with: / enter`;
}

function headRow(columns: readonly Column[], gap: number, sort: Sort, reversed: boolean): Row {
  return joined(
    columns.map(({ name, width, right, sort: by }) => {
      const mark = by === sort && width > name.length ? (reversed ? '▴' : '▾') : '';
      return span(cell(`${name}${mark}`, width, right), by === sort ? BOLD | UNDERLINE : DIM);
    }),
    gap,
    PLAIN,
  );
}

function rowOf(row: TopRow, columns: readonly Column[], gap: number, cols: number, selected: boolean): Row {
  const base = selected ? INVERSE : row.old ? DIM : PLAIN;
  const spans = columns.map(({ width, right, text, style }) =>
    span(cell(text(row), width, right), over(style(row), base)),
  );
  const line = joined(spans, gap, base);
  const rest = cols - rowColumns(line);
  return selected && rest > 0 ? [...line, span(' '.repeat(rest), base)] : line;
}

function joined(spans: readonly Span[], gap: number, style: number): Row {
  return spans.flatMap((one, i) => (i === 0 ? [one] : [span(' '.repeat(gap), style), one]));
}

function footerOf(state: TopState, cols: number, now: number): Row {
  const { mode, notice, cutSince, kept, rows, total } = state;
  if (cutSince !== undefined) {
    const seconds = Math.round((now - cutSince) / 1000);
    return [
      span(fitted(` the node has not answered for ${seconds} s, trying again `, cols), INVERSE | YELLOW),
    ];
  }
  if (mode.kind === 'stop') {
    const what = mode.row.kind === 'agent' ? `agent ${mode.row.ref}` : `program of ${mode.row.ref}`;
    return [span(fitted(` Stop the ${what}? y stops it, any other key does not`, cols), YELLOW | BOLD)];
  }
  if (mode.kind === 'filter') return [span(fitted(`/${cleanLine(kept.filter)}`, cols), PLAIN)];
  if (notice !== undefined)
    return [span(fitted(` ${cleanLine(notice.text)}`, cols), notice.bad ? RED : GREEN)];
  if (mode.kind === 'help') return [span(fitted(' any key goes back', cols), DIM)];
  const filtered =
    kept.filter === '' ? '' : `${rows.length} of ${total} match "${cleanLine(kept.filter)}" · `;
  return [
    span(
      fitted(` ${filtered}enter opens · x stops · / filters · c m $ s n sort · ? help · q leaves`, cols),
      DIM,
    ),
  ];
}
