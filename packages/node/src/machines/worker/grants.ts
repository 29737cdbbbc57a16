/** The decisions of `peers` about grants: given, revoked, lapsed, and held against what is to be placed under one (rule X1). Pure. */
import { SkeinError } from '@skein/protocol/errors';
import type { GrantCommands } from '@skein/protocol/machines/commands';
import { MAX_GRANTS } from '@skein/protocol/machines/limits';
import type { Grant, PeersState } from '@skein/protocol/peers/state';
import type { DecideContext, Decision } from '../../kernel/types.ts';

/** What the node adds to `grant.give`: each directory as it is without links; null for what is none. */
export interface GrantFacts {
  dirs: (string | null)[];
}

/** Looks after the time of a grant. */
export const FOLLOW_GRANT = 'follow-grant';

/** Ends what runs under a grant that is gone. */
export const END_GRANTED = 'end-granted';
export interface EndGranted {
  grant: string;
}

/** Told by the node's actor of what it admits, so that nothing is admitted by a grant that has gone meanwhile. */
export interface CheckGrant {
  grant: string;
  peer: string;
}

export function giveGrant(
  state: PeersState,
  { grant, peer, lifetime, dirs, ...allowed }: GrantCommands['grant.give'],
  { now, facts }: DecideContext,
): Decision {
  if (Object.hasOwn(state.grants, grant))
    throw new SkeinError('name_taken', `There is a grant ${grant} already.`);
  if (Object.keys(state.grants).length >= MAX_GRANTS)
    throw new SkeinError('too_large', `At most ${MAX_GRANTS} grants are given. Revoke some: skein grants`);
  if (state.blocked.includes(peer))
    throw new SkeinError('not_allowed', `That node is blocked here. First: skein node unblock ${peer}`);
  const real = (facts as GrantFacts | undefined)?.dirs ?? dirs;
  const missing = dirs.filter((_, i) => real[i] === null);
  if (missing.length > 0)
    throw new SkeinError('bad_cwd', `There is no such directory here: ${missing.join(', ')}.`, { missing });
  const expires = lifetime === undefined ? null : now + lifetime;
  const body = { ...allowed, grant, peer, dirs: [...new Set(real)], expires };
  const effects = expires === null ? [] : [{ id: `follow ${grant}`, kind: FOLLOW_GRANT, body: { grant } }];
  return { events: [{ type: 'grant.given', body }], effects, reply: body };
}

export function revokeGrant(state: PeersState, { grant }: GrantCommands['grant.revoke']): Decision {
  if (!Object.hasOwn(state.grants, grant))
    throw new SkeinError('not_found', `There is no grant ${grant}. Those that are: skein grants`);
  return { ...gone(grant), reply: { grant } };
}

/** All that a node has. */
export function revokeAll(
  { grants }: PeersState,
  peer: string,
): Required<Pick<Decision, 'events' | 'effects'>> {
  const all = Object.values(grants).filter((grant) => grant.peer === peer);
  const ends = all.map(({ grant }) => gone(grant));
  return { events: ends.flatMap(({ events }) => events), effects: ends.flatMap(({ effects }) => effects) };
}

/** The time of a grant is over. */
export function lapseGrant(state: PeersState, { grant }: EndGranted, { now }: DecideContext): Decision {
  const found = Object.hasOwn(state.grants, grant) ? state.grants[grant] : undefined;
  return found === undefined || isOpen(found, now) ? {} : gone(grant);
}

/** Throws `not_granted`. */
export function checkGrant(state: PeersState, { grant, peer }: CheckGrant, { now }: DecideContext): Decision {
  const found = Object.hasOwn(state.grants, grant) ? state.grants[grant] : undefined;
  if (found === undefined || found.peer !== peer || !isOpen(found, now)) throw revoked();
  return {};
}

/** The grants that a node has now, the oldest first. */
export function grantsOf({ grants }: PeersState, peer: string, now: number): Grant[] {
  return Object.values(grants)
    .filter((grant) => grant.peer === peer && isOpen(grant, now))
    .sort((a, b) => a.given - b.given || (a.grant < b.grant ? -1 : 1));
}

export function isOpen({ expires }: Pick<Grant, 'expires'>, now: number): boolean {
  return expires === null || expires > now;
}

export function revoked(): SkeinError {
  return new SkeinError(
    'not_granted',
    'The grant by which this machine let your agents run here was revoked, or has lapsed.',
    { rule: 'X1' },
  );
}

function gone(grant: string): Required<Pick<Decision, 'events' | 'effects'>> {
  const body: EndGranted = { grant };
  return {
    events: [{ type: 'grant.revoked', body }],
    effects: [{ id: `end ${grant}`, kind: END_GRANTED, body }],
  };
}
