/** A hosted session's decisions about its home: who commands it, and for how long (rules X1, X3). Pure. */
import { isAlive } from '@skein/protocol/agents/state';
import { SkeinError } from '@skein/protocol/errors';
import type { LeaseCommands } from '@skein/protocol/machines/commands';
import type { HostedEvents } from '@skein/protocol/machines/events';
import type { Hosted } from '@skein/protocol/machines/hosted';
import type { Commands } from '@skein/protocol/sessions/commands';
import type { SessionState } from '@skein/protocol/sessions/state';
import { stopAgent } from '../../agents/decide-life.ts';
import type { DecideContext, Decision, NewEvent } from '../../kernel/types.ts';
import type { Giver } from '../../members/givers.ts';
import { revoked } from './grants.ts';
import { homeTells } from './tell.ts';

export type HostedHandlers = {
  [K in keyof LeaseCommands]: (
    state: SessionState,
    body: LeaseCommands[K],
    giver: Giver,
    ctx: DecideContext,
  ) => Decision;
};

export const hostedHandlers: HostedHandlers = {
  'lease.take': takeLease,
  'lease.give': giveLease,
  'home.tell': (state, body, giver, ctx) =>
    homeTells(state, commanded(hostedOf(state), body.epoch), body, giver, ctx),
};

/** What home's device says to a hosted session, and what the worker's own user may do to it besides looking. */
const HOMES: readonly (keyof Commands)[] = ['lease.take', 'lease.give', 'home.tell'];
const OWN: readonly (keyof Commands)[] = ['agent.stop'];

/** Milliseconds that an agent has to end by itself when nobody commands it any more. */
const GRACE_MS = 5_000;

/** A hosted session has one authority, its home, which speaks under its lease (A5, X3). Throws `lease_lost` and `not_allowed`. */
export function checkHosted({ hosted }: SessionState, type: keyof Commands, giver: Giver): void {
  if (hosted === null || (giver.is === 'local' ? OWN : HOMES).includes(type)) return;
  if (giver.is !== 'local')
    throw new SkeinError('lease_lost', 'Only what home tells under its lease counts here.', {
      rule: 'X3',
      epoch: hosted.epoch,
    });
  const { node, name } = hosted;
  throw new SkeinError(
    'not_allowed',
    `This agent belongs to session "${name}" on ${node}: say that there. Here you can stop it, and look: skein stop, skein chat`,
    { rule: 'X3', home: hosted.home },
  );
}

function takeLease(
  state: SessionState,
  { epoch, taker }: LeaseCommands['lease.take'],
  giver: Giver,
): Decision {
  const hosted = hostedOf(state);
  if (hosted.ended === 'revoked') throw revoked();
  const reply = { epoch, term: hosted.term, heard: hosted.heard };
  if (epoch === hosted.epoch && taker === hosted.taker && hosted.ended === null) return { reply };
  // Home is one device, whoever it is restored from: the later epoch is the one that counts.
  if (epoch !== hosted.epoch + 1) throw leaseLost(hosted);
  const by = giver.is === 'member' ? giver.standing.device : hosted.home;
  return { events: [{ type: 'lease.taken', body: { epoch, taker, by } }], reply };
}

function giveLease(state: SessionState, { epoch }: LeaseCommands['lease.give']): Decision {
  const hosted = hostedOf(state);
  // A second time it is given back already.
  if (epoch === hosted.epoch && hosted.ended === 'given-back') return { reply: { epoch } };
  commanded(hosted, epoch);
  return { ...ended(state, hosted, 'given-back'), reply: { epoch } };
}

/** What the node tells: it was not renewed in its term, or its grant is gone. */
export interface EndLease {
  why: HostedEvents['lease.ended']['why'];
  /** Only if this is the present one. */
  epoch?: number;
}

export function endLease(state: SessionState, { why, epoch }: EndLease): Decision {
  const { hosted } = state;
  if (hosted === null || state.removed) return {};
  if (epoch !== undefined && epoch !== hosted.epoch) return {};
  if (hosted.ended === 'revoked' || (hosted.ended !== null && why !== 'revoked')) return {};
  return ended(state, hosted, why);
}

/** Why what ran under it is ended, for those at home. */
const WHYS: Record<EndLease['why'], string> = {
  silent: 'its home had not been heard of for as long as its lease lasts',
  revoked: 'the grant under which it ran was taken back, or its time was over',
  'given-back': 'its home gave its lease back',
};

/** The end of a lease. What was run under it is ended with it, unless home is only silent and its grant says that it goes on. */
function ended(
  state: SessionState,
  { epoch, away }: Hosted,
  why: EndLease['why'],
): Pick<Decision, 'events' | 'effects'> {
  const event = { type: 'lease.ended', body: { epoch, why } };
  if (why === 'silent' && away === 'go-on') return { events: [event] };
  const goes = Object.values(state.agents).filter(
    (agent) => isAlive(agent) && (!agent.stopping || agent.next !== null),
  );
  const stops = goes.map(({ agent }) => stopAgent(state, { agent, grace: GRACE_MS }));
  return {
    events: [event, ...stops.flatMap(({ events = [] }) => events).map((one) => explained(one, WHYS[why]))],
    effects: stops.flatMap(({ effects = [] }) => effects),
  };
}

function explained({ type, body }: NewEvent, why: string): NewEvent {
  return type === 'agent.stopping' ? { type, body: { ...(body as object), why } } : { type, body };
}

/** Throws `lease_lost` unless it is the present one. */
function commanded(hosted: Hosted, epoch: number): Hosted {
  if (epoch !== hosted.epoch || hosted.ended !== null) throw leaseLost(hosted);
  return hosted;
}

export function leaseLost({ epoch, ended, taker }: Pick<Hosted, 'epoch' | 'ended' | 'taker'>): SkeinError {
  const message =
    ended === null
      ? 'Another home commands this agent now: it has taken the lease.'
      : 'The lease by which this agent was commanded has ended: take the next one.';
  return new SkeinError('lease_lost', message, { rule: 'X3', epoch, ended, taker });
}

function hostedOf({ hosted, name }: SessionState): Hosted {
  if (hosted !== null) return hosted;
  throw new SkeinError('not_found', `Session "${name}" is at home here: nobody else commands it.`);
}
