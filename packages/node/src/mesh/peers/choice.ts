/** Which of a peer's connections is used, and what is looked for beside it (rules M5, C4). Pure. */
import type { ErrorCode } from '@skein/protocol/errors';
import type { Pursuit } from './attempts.ts';

/** Why a stream may end to whose far end the next one is opened without asking. */
export const GOES_ON: readonly ErrorCode[] = ['moved', 'peer_lost', 'gone'];

/** What the choice needs to know of a connection. */
export interface Candidate {
  readonly connection: { readonly status: string };
  readonly kind: 'direct' | 'relayed';
  readonly out:
    | { readonly suspect: boolean; readonly greeted: boolean; readonly tunnels: number }
    | undefined;
  readonly in: ReadonlySet<{ readonly suspect: boolean }>;
}

/** Whether a path is up, as far as is known. */
export function isWell({ connection, out, in: incoming }: Candidate): boolean {
  return connection.status === 'open' && out?.suspect !== true && ![...incoming].some((link) => link.suspect);
}

/**
 * The connection to use, given the one that is used: one that answers before one that does not, a direct one before a relayed
 * one, unless direct ones are shunned, and the present one before an equal.
 */
export function bestOf<T extends Candidate>(
  all: readonly T[],
  present: T | undefined,
  shunned = false,
): T | undefined {
  const better = shunned ? 'relayed' : 'direct';
  const rank = (one: T) => (isWell(one) ? 2 : 0) + (one.kind === better ? 1 : 0);
  let best: T | undefined;
  for (const one of all) {
    if (one.connection.status !== 'open') continue;
    const gain = best === undefined ? 1 : rank(one) - rank(best);
    if (gain > 0 || (gain === 0 && one === present)) best = one;
  }
  return best;
}

/**
 * Whether to go over to a connection: when its far end has said HELLO. When there is nothing to lose, a far end that did so
 * before is believed to do so again, which saves a round trip.
 */
export function mayUse(one: Candidate, present: Candidate | undefined, greetedBefore: boolean): boolean {
  const alone = present === undefined || !isWell(present);
  return one.out?.greeted === true || (greetedBefore && alone);
}

/** How eagerly other ways are tried, when the best connection is this one, so many wait for a path, and direct ones may be shunned. */
export function pursuitOf(
  wanted: boolean,
  best: Candidate | undefined,
  present: Candidate | undefined,
  waiting: number,
  shunned = false,
): Pursuit {
  if (!wanted) return 'off';
  // A connection that is well, though its far end may still have to answer: no other is begun meanwhile.
  if (best !== undefined && isWell(best)) return best.kind === 'direct' || shunned ? 'off' : 'direct';
  return waiting > 0 || (present?.out?.tunnels ?? 0) > 0 ? 'hurried' : 'calm';
}
