/** One ask: who asks, whether they may, and which session they mean (rules M2, K5). */
import { ASK_NEEDS, allows } from '@skein/protocol/members/roles';
import type { Asks } from '@skein/protocol/sessions/asks';
import type { Listed } from '@skein/protocol/sessions/node-state';
import { roleIn } from '../members/gate.ts';
import type { Principal } from '../members/principal.ts';
import { notAllowed } from '../members/refusals.ts';
import { resolveRef } from './resolve.ts';

export interface Call {
  by: Principal;
  aborted: AbortSignal;
}

/** What the handler of an ask gets besides the body: for one that names a session, which that is, found once. */
export type CallOf<K extends keyof Asks> = Asks[K]['body'] extends { ref: string }
  ? Call & { session: Listed }
  : Call;

/** What answers asks. */
export type Handlers<K extends keyof Asks = keyof Asks> = {
  [Name in K]: (body: Asks[Name]['body'], call: CallOf<Name>) => Promise<Asks[Name]['answer']>;
};

/** Refuses an ask that is not the caller's to make, else finds the session that it names among those they may know of. */
export function admitAsk(
  type: keyof Asks,
  body: { ref?: string },
  by: Principal,
  visible: readonly Listed[],
): Listed | undefined {
  const needs = ASK_NEEDS[type];
  if (by.kind === 'device' && needs === 'node-owner') throw notAllowed(needs, 'device');
  if (body.ref === undefined) return undefined;
  const session = resolveRef(visible, body.ref);
  const role = roleIn(by, session);
  if (by.kind === 'device' && needs !== 'anyone' && !allows(role, needs)) throw notAllowed(needs, role);
  return session;
}
