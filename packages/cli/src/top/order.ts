/** In which order rows stand, and which of them: by what a person looks for. Pure. */
import type { TopRow } from './rows.ts';

/** By its key on the keyboard. */
export const SORTS = { s: 'state', c: 'cpu', m: 'mem', $: 'cost', n: 'name' } as const;
export type Sort = (typeof SORTS)[keyof typeof SORTS];
export const SORT_NAMES: readonly Sort[] = Object.values(SORTS);

/** Whoever waits for a person first, then what works, then what does nothing. */
const STATES = [
  'waiting',
  'stuck',
  'failed',
  'away',
  'working',
  'placing',
  'starting',
  'running',
  'idle',
  'resting',
];

export function stateRank({ state }: Pick<TopRow, 'state'>): number {
  const rank = STATES.indexOf(state);
  return rank < 0 ? STATES.length : rank;
}

export function costOf({ cost }: Pick<TopRow, 'cost'>): number {
  return Object.values(cost).reduce((sum, amount) => sum + amount, 0);
}

const spent = ({ tokens }: TopRow) => tokens.input + tokens.output;
const byName = (a: TopRow, b: TopRow) => (a.ref < b.ref ? -1 : a.ref > b.ref ? 1 : a.key < b.key ? -1 : 1);

const ORDERS: Record<Sort, (a: TopRow, b: TopRow) => number> = {
  state: (a, b) => stateRank(a) - stateRank(b),
  cpu: (a, b) => (b.cpu ?? -1) - (a.cpu ?? -1),
  mem: (a, b) => (b.memory ?? -1) - (a.memory ?? -1),
  cost: (a, b) => costOf(b) - costOf(a) || spent(b) - spent(a),
  name: byName,
};

/** Those that hold every word of the filter somewhere, in order; ties by name, so that no row jumps about. */
export function arranged(rows: readonly TopRow[], sort: Sort, reversed: boolean, filter: string): TopRow[] {
  const words = filter
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');
  const shown = rows.filter((row) => words.every((word) => textOf(row).includes(word)));
  const order = ORDERS[sort];
  return shown.sort((a, b) => (reversed ? -order(a, b) : order(a, b)) || byName(a, b));
}

function textOf({ ref, what, state, machine, who }: TopRow): string {
  return [ref, what, state, machine, ...who].join(' ').toLowerCase();
}
