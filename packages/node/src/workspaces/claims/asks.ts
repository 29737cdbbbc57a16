/** Answers what clients ask about claims: who holds what, who waits for what, and whether one that waits has it by now. */
import { pairsOf } from '@skein/protocol/keyed';
import type { ListedClaim } from '@skein/protocol/workspaces/asks';
import { parsePattern } from '@skein/protocol/workspaces/patterns';
import type { Claim, Waiter, WorkspaceState } from '@skein/protocol/workspaces/state';
import type { Handlers } from '../../sessions/ask-call.ts';
import type { Leases } from '../leases/leases.ts';
import type { Workspaces } from '../service.ts';
import { indexOf } from './claim-index.ts';
import { inTheWayOf } from './in-the-way.ts';

/** Milliseconds until a claim's lease ends unless it is renewed. */
export type TimeLeft = Leases['left'];

interface ClaimAskContext {
  workspaces: Workspaces;
  leases: Pick<Leases, 'left' | 'asked' | 'forsaken'>;
}

export function claimHandlers({ workspaces, leases }: ClaimAskContext): Handlers<'claims' | 'awaited'> {
  const left: TimeLeft = (...one) => leases.left(...one);
  return {
    async claims({ workspace, within }) {
      const { id, name } = await workspaces.find(workspace);
      const state = await workspaces.workspace(id);
      if (within === undefined) return { id, name, claims: allClaims(state, left) };
      const claims: ListedClaim[] = [];
      const calls = callsIn(state);
      for (const entry of indexOf(state, 'gate').overlapping(within.map(parsePattern))) {
        if (entry.kind === 'claim') claims.push(held(state, entry.claim, left, calls));
        if (entry.kind === 'waiter') claims.push(waiting(state, entry.waiter));
      }
      return { id, name, claims: claims.sort(inOrder) };
    },
    async awaited({ workspace, claim, wait }, { aborted }) {
      const { id } = await workspaces.find(workspace);
      leases.asked(id, claim);
      const limit = AbortSignal.any([aborted, AbortSignal.timeout(wait)]);
      const state = await workspaces.until(id, (now) => waiterIn(now, claim) === undefined, limit);
      if (aborted.aborted) leases.forsaken(id, claim);
      else leases.asked(id, claim);
      const waiter = waiterIn(state, claim);
      if (waiter !== undefined) return waiting(state, waiter);
      for (const [, one] of pairsOf(state.claims))
        if (one.claim === claim) return held(state, one, left, callsIn(state));
      return null;
    },
  };
}

/** Those that are held in the order of their numbers, then those that wait in theirs. */
export function allClaims(state: WorkspaceState, left: TimeLeft): ListedClaim[] {
  const calls = callsIn(state);
  const all = Array.from(pairsOf(state.claims), ([, claim]) => held(state, claim, left, calls));
  return [...all.sort(inOrder), ...state.waiters.map((waiter) => waiting(state, waiter))];
}

function inOrder(a: ListedClaim, b: ListedClaim): number {
  return (a.fence ?? Infinity) - (b.fence ?? Infinity) || a.before - b.before || a.since - b.since;
}

/** By claim, how many calls are under it. */
function callsIn({ runs }: WorkspaceState): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { calls } of Object.values(runs))
    for (const { claims } of Object.values(calls))
      for (const claim of claims) counts.set(claim, (counts.get(claim) ?? 0) + 1);
  return counts;
}

function held(
  { id }: WorkspaceState,
  one: Claim,
  left: TimeLeft,
  calls: ReadonlyMap<string, number>,
): ListedClaim {
  const { claim, globs, holder, fence, implicit, at } = one;
  const until = Date.now() + Math.round(left(id, one));
  return {
    ...{ claim, globs, holder, fence, implicit, until },
    since: at,
    before: 0,
    writing: calls.get(claim) ?? 0,
  };
}

function waiting(state: WorkspaceState, waiter: Waiter): ListedClaim {
  const { claim, globs, holder, at } = waiter;
  const before = inTheWayOf(state, indexOf(state, 'gate'), waiter).filter(({ kind }) => kind === 'waiter');
  return {
    ...{ claim, globs, holder, fence: null, implicit: false, until: null },
    since: at,
    before: before.length,
    writing: 0,
  };
}

function waiterIn({ waiters }: WorkspaceState, claim: string): Waiter | undefined {
  return waiters.find((one) => one.claim === claim);
}
