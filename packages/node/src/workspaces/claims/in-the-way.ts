/** What keeps somebody from paths: what others hold or write, and those that wait for them before (rules W1, W2). Pure. */
import { type Holder, sameHolder } from '@skein/protocol/workspaces/holder';
import type { Pattern } from '@skein/protocol/workspaces/patterns';
import type { Waiter, WorkspaceState } from '@skein/protocol/workspaces/state';
import type { ClaimIndex, Entry } from './claim-index.ts';

/**
 * What is in the way of somebody who comes now. Those that wait for the paths come before them, unless these wait for
 * something that the newcomer must finish first: then both would wait for ever.
 */
export function inTheWay(
  state: WorkspaceState,
  index: ClaimIndex,
  holder: Holder,
  patterns: readonly Pattern[],
): Entry[] {
  const found = [...index.overlapping(patterns)].filter(
    (entry) =>
      !sameHolder(entry.holder, holder) &&
      (entry.kind !== 'waiter' || !waitsFor(state, index, entry.waiter, holder)),
  );
  return inOrder(state, found);
}

const RANKS = { claim: 0, call: 1, waiter: 2 };

/**
 * What is held by its number, then what is written, then those that wait. How an index has come by its entries must not be
 * seen: a decision follows from the state alone.
 */
export function inOrder(state: WorkspaceState, entries: Iterable<Entry>): Entry[] {
  const number = (entry: Entry): number =>
    entry.kind === 'claim'
      ? entry.claim.fence
      : entry.kind === 'waiter'
        ? placeOf(state, entry.waiter)
        : Object.keys(state.runs).indexOf(entry.run);
  const text = (entry: Entry) => (entry.kind === 'call' ? entry.call : '');
  return [...entries].sort(
    (a, b) => RANKS[a.kind] - RANKS[b.kind] || number(a) - number(b) || (text(a) < text(b) ? -1 : 1),
  );
}

/** What keeps one that waits from what it waits for. */
export function inTheWayOf(state: WorkspaceState, index: ClaimIndex, waiter: Waiter): Entry[] {
  const place = placeOf(state, waiter);
  return [...index.overlapping(patternsOf(index, waiter))].filter(
    (entry) =>
      !sameHolder(entry.holder, waiter.holder) &&
      (entry.kind !== 'waiter' || placeOf(state, entry.waiter) < place),
  );
}

/** Whether one that waits can go on only after somebody else has: who holds it up, or holds up a run that does, and so on. */
export function waitsFor(state: WorkspaceState, index: ClaimIndex, waiter: Waiter, holder: Holder): boolean {
  const seen = new Set<Waiter>([waiter]);
  for (const one of seen) {
    for (const entry of inTheWayOf(state, index, one)) {
      if (sameHolder(entry.holder, holder)) return true;
      if (entry.kind === 'waiter') seen.add(entry.waiter);
      // A person who waits can do something else meanwhile, and let go of what they hold.
      if (entry.holder.kind === 'run')
        for (const other of index.of(entry.holder)) if (other.kind === 'waiter') seen.add(other.waiter);
    }
  }
  return false;
}

const places = new WeakMap<readonly Waiter[], Map<string, number>>();

/** How many came before it. */
export function placeOf({ waiters }: WorkspaceState, { claim }: Waiter): number {
  let all = places.get(waiters);
  if (all === undefined) {
    all = new Map(waiters.map((one, n) => [one.claim, n]));
    places.set(waiters, all);
  }
  return all.get(claim) ?? -1;
}

function patternsOf(index: ClaimIndex, waiter: Waiter): readonly Pattern[] {
  for (const entry of index.of(waiter.holder))
    if (entry.kind === 'waiter' && entry.waiter.claim === waiter.claim) return entry.patterns;
  return [];
}
