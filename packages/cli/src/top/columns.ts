/**
 * The table's columns: how wide each is, what stands in it, and which there are at a width. The name gives way first, down to its
 * least; then columns go, the last of KEPT first. Pure.
 */
import { age } from '@skein/protocol/text/words';
import { costText, countText } from '../agents/numbers.ts';
import { BOLD, DIM, GREEN, PLAIN, RED, type Style, YELLOW } from '../chat/model/style.ts';
import { columns, fitted } from '../chat/model/width.ts';
import type { Sort } from './order.ts';
import type { TopRow } from './rows.ts';

export interface Column {
  name: string;
  width: number;
  right: boolean;
  sort: Sort | undefined;
  text(row: TopRow): string;
  style(row: TopRow): Style;
}

interface ColumnKind {
  title: string;
  /** Columns that it takes, or the least and the most of what is in it. */
  width: number | { least: number; most: number };
  right?: boolean;
  sort?: Sort;
  text(row: TopRow): string;
  style?(row: TopRow): Style;
}

const NAME_LEAST = 14;
const GAP = 1;
/** From so many columns on, two blanks part them. */
const ROOMY = 100;

const COLUMNS = {
  name: {
    title: 'NAME',
    width: { least: NAME_LEAST, most: 64 },
    sort: 'name',
    text: ({ ref }) => ref,
    style: () => BOLD,
  },
  state: { title: 'STATE', width: 8, sort: 'state', text: ({ state }) => state, style: stateStyle },
  cpu: { title: 'CPU', width: 5, right: true, sort: 'cpu', text: ({ cpu }) => cpuText(cpu) },
  mem: { title: 'MEM', width: 5, right: true, sort: 'mem', text: ({ memory }) => memoryText(memory) },
  turn: { title: 'TURN', width: 4, right: true, text: ({ turn }) => (turn === null ? '' : age(turn)) },
  waits: {
    title: 'Q ?',
    width: 5,
    right: true,
    text: waitsText,
    style: ({ asks }) => (asks > 0 ? YELLOW | BOLD : PLAIN),
  },
  cost: { title: 'COST', width: 8, right: true, sort: 'cost', text: ({ cost }) => moneyText(cost) },
  tokens: { title: 'IN/OUT', width: 11, right: true, text: tokensText },
  machine: {
    title: 'MACHINE',
    width: { least: 7, most: 16 },
    text: ({ machine }) => machine,
    style: ({ old }) => (old ? RED : PLAIN),
  },
  who: { title: 'WHO', width: { least: 6, most: 20 }, text: ({ who }) => who.join(' ') },
  what: { title: 'RUNS', width: { least: 8, most: 80 }, text: ({ what }) => what, style: () => DIM },
} satisfies Record<string, ColumnKind>;
type Name = keyof typeof COLUMNS;

/** From left to right. */
const ORDER: readonly Name[] = [
  ...(['name', 'state', 'cpu', 'mem', 'turn', 'waits'] as const),
  ...(['cost', 'tokens', 'machine', 'who', 'what'] as const),
];
/** Those that are there the longest first; what does not fit at a width is dropped from the end. */
export const KEPT: readonly Name[] = [
  ...(['name', 'state', 'cpu', 'mem', 'machine', 'turn'] as const),
  ...(['cost', 'waits', 'who', 'what', 'tokens'] as const),
];

/** Who gets of the room that is left, up to how many columns, in this order. */
const MORE: readonly (readonly [Name, number])[] = [
  ...([
    ['name', 24],
    ['machine', 16],
    ['who', 20],
    ['what', 24],
  ] as const),
  ...([
    ['name', 64],
    ['what', 80],
  ] as const),
];

/** The columns for these rows on a screen so wide. Where everything is on one machine there is none for it. */
export function columnsFor(rows: readonly TopRow[], width: number): Column[] {
  const one = new Set(rows.map(({ machine }) => machine)).size < 2;
  const wanted = KEPT.filter((name) => name !== 'machine' || !one);
  const gap = gapAt(width);
  const widths = new Map<Name, number>();
  let left = width + gap;
  for (const name of wanted) {
    const kind: ColumnKind = COLUMNS[name];
    const need = typeof kind.width === 'number' ? kind.width : leastOf(name, kind.width.least, rows);
    if (need + gap > left) break;
    widths.set(name, need);
    left -= need + gap;
  }
  // What is left goes to who has more to say: first to each a little, then to the names.
  for (const [name, most] of MORE) {
    const has = widths.get(name);
    if (has === undefined) continue;
    const more = Math.min(left, Math.max(0, Math.min(most, wantedOf(name, rows)) - has));
    widths.set(name, has + more);
    left -= more;
  }
  const shown = ORDER.filter((name) => widths.has(name));
  if (shown.length === 0) return [columnOf('name', width)];
  return shown.map((name) => columnOf(name, widths.get(name) ?? 0));
}

/** Every column, for where width is no matter. */
export function allColumns(rows: readonly TopRow[]): Column[] {
  return ORDER.map((name) => columnOf(name, wantedOf(name, rows)));
}

export function gapAt(width: number): number {
  return width >= ROOMY ? 2 * GAP : GAP;
}

/** Names are what one looks for: where all are short they take no more than that. */
function leastOf(name: Name, least: number, rows: readonly TopRow[]): number {
  return Math.min(least, Math.max(COLUMNS[name].title.length, wantedOf(name, rows)));
}

function wantedOf(name: Name, rows: readonly TopRow[]): number {
  const { width, title, text }: ColumnKind = COLUMNS[name];
  const most = typeof width === 'number' ? width : width.most;
  return rows.reduce((max, row) => Math.max(max, Math.min(most, columns(text(row)))), title.length);
}

function columnOf(name: Name, width: number): Column {
  const { title, right = false, sort, text, style = () => PLAIN }: ColumnKind = COLUMNS[name];
  return { name: title, width, right, sort, text, style };
}

/** A text in its column, exactly as wide as that. */
export function cell(text: string, width: number, right: boolean): string {
  const cut = fitted(text, width);
  const blank = ' '.repeat(Math.max(0, width - columns(cut)));
  return right ? blank + cut : cut + blank;
}

function stateStyle({ state }: TopRow): Style {
  if (state === 'waiting') return YELLOW | BOLD;
  if (state === 'stuck' || state === 'failed' || state === 'away') return RED;
  if (state === 'working' || state === 'running') return GREEN;
  return state === 'starting' || state === 'placing' || state === 'resting' ? YELLOW : DIM;
}

/** Per cent of one core. */
export function cpuText(cpu: number | null): string {
  return cpu === null ? '' : `${cpu < 0.0995 && cpu > 0 ? (100 * cpu).toFixed(1) : Math.round(100 * cpu)}%`;
}

/** `812K`, `64M`, `1.2G`: four letters and a sign at most. */
export function memoryText(bytes: number | null): string {
  if (bytes === null) return '';
  let value = bytes / 1024;
  let unit = 0;
  while (value >= 999.5 && unit < 3) {
    value /= 1024;
    unit++;
  }
  return `${value < 9.95 && unit > 0 ? value.toFixed(1) : Math.round(value)}${'KMGT'[unit]}`;
}

function moneyText(cost: Record<string, number>): string {
  return Object.values(cost).some((amount) => amount > 0) ? costText(cost) : '';
}

function tokensText({ tokens: { input, output } }: TopRow): string {
  return input + output === 0 ? '' : `${countText(input)}/${countText(output)}`;
}

/** Prompts that wait, and with a question mark what is asked. */
function waitsText({ queue, asks }: TopRow): string {
  return [queue === 0 ? '' : String(queue), asks === 0 ? '' : `${asks}?`]
    .filter((one) => one !== '')
    .join(' ');
}
