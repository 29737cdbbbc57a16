/** Sums of what turns have used: tokens, and costs by currency. Pure. */
import type { AgentEvents } from './events.ts';
import type { AgentState } from './state.ts';

export interface Totals {
  input: number;
  output: number;
  cacheRead: number;
  cacheWrite: number;
  thought: number;
  /** By currency, such as `USD`. */
  cost: Record<string, number>;
  turns: number;
}

export const NOTHING_USED: Totals = {
  input: 0,
  output: 0,
  cacheRead: 0,
  cacheWrite: 0,
  thought: 0,
  cost: {},
  turns: 0,
};

const TOKENS = ['input', 'output', 'cacheRead', 'cacheWrite', 'thought'] as const;

/** What one or several have used in all, and by whose prompts: keys as `payerOf` makes them. */
export interface Used {
  used: Totals;
  usedBy: Record<string, Totals>;
}

/** What a turn has used, after its agent has told more of it: what is told replaces, what is not stays. */
export function told(before: Totals | null, { tokens, cost }: AgentEvents['usage.set']): Totals {
  const was = before ?? NOTHING_USED;
  const counts = Object.fromEntries(TOKENS.map((kind) => [kind, tokens?.[kind] ?? was[kind]]));
  const costs = cost === undefined ? was.cost : { ...was.cost, [cost.currency]: cost.amount };
  return { ...was, ...counts, cost: costs };
}

/** `total` with a turn's `now` in the place of what it was `before`. */
function replaced(total: Totals, before: Totals | null, now: Totals): Totals {
  const was = before ?? NOTHING_USED;
  const counts = Object.fromEntries(TOKENS.map((kind) => [kind, total[kind] + now[kind] - was[kind]]));
  const cost = { ...total.cost };
  for (const currency of Object.keys({ ...was.cost, ...now.cost }))
    cost[currency] = (cost[currency] ?? 0) + (now.cost[currency] ?? 0) - (was.cost[currency] ?? 0);
  return { ...total, ...counts, cost, turns: total.turns + now.turns - was.turns };
}

export function plus(a: Totals | undefined, b: Totals): Totals {
  return replaced(a ?? NOTHING_USED, null, b);
}

/** What some have used, with one more of them. */
export function together(those: Used | undefined, { used, usedBy }: Used): Used {
  const by = { ...those?.usedBy };
  for (const [payer, more] of Object.entries(usedBy)) by[payer] = plus(by[payer], more);
  return { used: plus(those?.used, used), usedBy: by };
}

/** Whose prompts: the machine's user, a member by id, or the agent itself. */
export function payerOf(by: unknown): string {
  const { kind, member } = (by ?? {}) as { kind?: unknown; member?: unknown };
  if (kind === 'member' && typeof member === 'string') return member;
  return kind === 'owner' ? 'owner' : 'agent';
}

/** What an agent has used in all and by payer, with its turn's `now` in the place of what that was `before`. */
export function paid(
  { used, usedBy, turn }: Pick<AgentState, 'used' | 'usedBy' | 'turn'>,
  before: Totals | null,
  now: Totals,
): Used {
  const payer = payerOf(turn?.by ?? null);
  return {
    used: replaced(used, before, now),
    usedBy: { ...usedBy, [payer]: replaced(usedBy[payer] ?? NOTHING_USED, before, now) },
  };
}

/** What the agent's own session has cost in all, as its agent tells it. */
export function sessionCostOf(
  { session }: Pick<AgentState, 'session'>,
  { sessionCost: amount }: AgentEvents['usage.set'],
): Pick<AgentState, 'sessionCost'> {
  return amount === undefined || session === null ? {} : { sessionCost: { session, amount } };
}
