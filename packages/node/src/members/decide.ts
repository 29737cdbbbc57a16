/** A session's decisions about its people: tickets, members, roles, revocations (rules M2, M3, K3). Pure. */
import { SkeinError } from '@skein/protocol/errors';
import { MAX_MEMBER_DEVICES, MAX_TICKETS } from '@skein/protocol/limits';
import { freeGivenName } from '@skein/protocol/members/names';
import { allows, lesser, type Role } from '@skein/protocol/members/roles';
import {
  isOpen,
  type Member,
  type MemberDevice,
  standings,
  type Ticket,
} from '@skein/protocol/members/state';
import type { MemberReplies, SessionCommands } from '@skein/protocol/sessions/commands';
import type { NodeEvents } from '@skein/protocol/sessions/events';
import type { SessionState } from '@skein/protocol/sessions/state';
import type { DecideContext, Decision, Effect, NewEvent, Tell } from '../kernel/types.ts';
import { admission, memberId } from './admission.ts';
import type { Giver } from './givers.ts';
import { notAllowed } from './refusals.ts';
import { timesAhead } from './since.ts';

/** The effect that cuts the live connections of devices; they may come back as what they are then. */
export const CUT_DEVICES = 'cut-devices';
export interface CutDevices {
  devices: string[];
  why: string;
}

/** What the node adds to `ticket.redeem`: how far the output of each run of the session has got. */
export interface RedeemFacts {
  runs: Record<string, number>;
}

type Body<K extends keyof SessionCommands> = SessionCommands[K];
type Reply<K extends keyof MemberReplies> = MemberReplies[K];

export function makeTicket(
  state: SessionState,
  body: Body<'ticket.make'>,
  giver: Giver,
  { id: session, now }: DecideContext,
): Decision {
  const { ticket, hash, role, lifetime, uses, history, member } = body;
  if (state.tickets[ticket] !== undefined)
    throw new SkeinError('name_taken', `There is a ticket ${ticket} already.`);
  const open = Object.values(state.tickets).filter((one) => isOpen(one, now));
  // Who may only bring devices of their own is to leave room for those who invite others.
  const own = giver.is === 'member' && giver.standing.role !== 'owner' ? giver.standing.member : undefined;
  const theirs =
    own === undefined ? open : open.filter(({ by }) => by?.kind === 'member' && by.member === own);
  const max = own === undefined ? MAX_TICKETS : MAX_MEMBER_DEVICES;
  if (open.length >= MAX_TICKETS || theirs.length >= max) {
    const whose = open.length >= MAX_TICKETS ? 'A session has' : 'Who is no owner of a session has';
    const most = open.length >= MAX_TICKETS ? MAX_TICKETS : max;
    throw new SkeinError('too_large', `${whose} at most ${most} open tickets: withdraw some.`);
  }
  const most = member === undefined ? undefined : memberOf(state, member).role;
  if (most !== undefined && !allows(most, role)) throw notAllowed(role, most);
  if (giver.is === 'member') {
    if (!allows(giver.standing.role, role)) throw notAllowed(role, giver.standing.role);
    // Who may not read what was before cannot let others, or a second device of theirs, read it.
    if (history === 'all' && giver.standing.history !== 'all') throw noHistory();
  }
  const expires = now + lifetime;
  const about = { role, expires, uses, history, ...(member === undefined ? {} : { member }) };
  const reply: Reply<'ticket.make'> = { ticket, session, name: state.name, ...about };
  return { events: [{ type: 'ticket.made', body: { ticket, hash, ...about } }], reply };
}

export function withdrawTicket(state: SessionState, { ticket }: Body<'ticket.withdraw'>): Decision {
  if (!Object.hasOwn(state.tickets, ticket))
    throw new SkeinError('not_found', `There is no ticket ${ticket}.`);
  const reply: Reply<'ticket.withdraw'> = { ticket };
  return { events: [withdrawn(ticket)], reply };
}

export function redeemTicket(
  state: SessionState,
  { secret, name: wish, deviceName }: Body<'ticket.redeem'>,
  giver: Giver,
  { id: session, now, offset, facts }: DecideContext,
): Decision {
  if (giver.is === 'local' || giver.is === 'agent')
    throw new SkeinError('bad_request', 'This session is of this machine: its user needs no ticket.');
  const device = giver.is === 'member' ? giver.standing.device : giver.device;
  const admitted = admission(state, device, secret, now);
  if (admitted.is === 'member') {
    const { member, name, role, history } = admitted.standing;
    return { reply: { session, name: state.name, member, as: name, role, history, device } };
  }
  const { id: ticket, history } = admitted.ticket;
  const { runs } = (facts ?? { runs: {} }) as RedeemFacts;
  const ahead = history === 'all' ? [] : timesAhead(state, now);
  const arrival = {
    ...{ device, history, from: offset + 1, runs, ticket },
    ...(ahead.length === 0 ? {} : { ahead }),
  };
  const { event, member, as, most } = arriving(
    state,
    admitted.ticket,
    { wish, deviceName },
    memberId(session, ticket, device),
  );
  const reply: Reply<'ticket.redeem'> = {
    session,
    name: state.name,
    member,
    as,
    role: most,
    history,
    device,
  };
  return {
    events: [{ type: event.type, body: { ...event.body, ...arrival } }],
    tell: [indexed(session, [{ device, member, name: as, role: most }], [])],
    reply,
  };
}

/** A new member, or a further device of one. */
function arriving(
  state: SessionState,
  ticket: Ticket,
  { wish, deviceName }: { wish: string; deviceName: string },
  id: string,
): { event: { type: string; body: object }; member: string; as: string; most: Role } {
  const { role } = ticket;
  if (ticket.member === undefined) {
    const taken = new Set(Object.values(state.members).map((one) => one.name));
    const name = freeGivenName(wish, taken);
    return {
      event: { type: 'member.joined', body: { member: id, name, role, deviceName } },
      member: id,
      as: name,
      most: role,
    };
  }
  const { id: member, name, role: whole, devices } = memberOf(state, ticket.member);
  const most = lesser(role, whole);
  // A device that may all that its member may has no limit of its own: it rises with the member.
  const limit = most === whole ? {} : { role: most };
  // Machines are often called the same; who shuts one of them out must be able to say which.
  const called = freeGivenName(deviceName, new Set(devices.map((one) => one.name)));
  const body = { member, deviceName: called, ...limit };
  return { event: { type: 'device.added', body }, member, as: name, most };
}

export function setRole(
  state: SessionState,
  { member: id, role }: Body<'member.role'>,
  ctx: DecideContext,
): Decision {
  const member = memberOf(state, id);
  const reply: Reply<'member.role'> = { member: id, name: member.name, role };
  if (member.role === role) return { reply };
  const devices = member.devices.filter((one) => !one.revoked);
  const set = devices.map(({ device, most }) => ({
    device,
    member: id,
    name: member.name,
    role: most === undefined ? role : lesser(role, most),
  }));
  // What somebody gave away with a role that they no longer have is taken back.
  const taken = allows(role, member.role) ? [] : givenBy(state, (ticket) => concernsMember(ticket, id));
  return {
    events: [{ type: 'member.role', body: { member: id, role } }, ...taken],
    tell: devices.length === 0 ? [] : [indexed(ctx.id, set, [])],
    effects: cut(devices, 'Your role was changed.', ctx),
    reply,
  };
}

export function revoke(
  state: SessionState,
  { member: id, device }: Body<'member.revoke'>,
  ctx: DecideContext,
): Decision {
  const member = memberOf(state, id);
  const alive = member.devices.filter((one) => !one.revoked);
  const gone = device === undefined ? alive : alive.filter((one) => one.device === device);
  if (device !== undefined && gone.length === 0)
    throw new SkeinError('not_found', `${member.name} has no device ${device}.`);
  const taken = givenBy(state, (ticket) =>
    device === undefined
      ? concernsMember(ticket, id)
      : ticket.by?.kind === 'member' && ticket.by.device === device,
  );
  const event =
    device === undefined
      ? { type: 'member.revoked', body: { member: id } }
      : { type: 'device.revoked', body: { member: id, device } };
  const devices = gone.map((one) => one.device);
  const reply: Reply<'member.revoke'> = { member: id, name: member.name, devices };
  return {
    events: [event, ...taken],
    tell: devices.length === 0 ? [] : [indexed(ctx.id, [], devices)],
    effects: cut(gone, 'You were shut out of the session.', ctx),
    reply,
  };
}

/** The session is removed: nobody is admitted to it any more. The node's index has forgotten it already. */
export function dismissed(state: SessionState, ctx: DecideContext): Effect[] {
  return cut(standings(state), 'The session was removed.', ctx);
}

/**
 * After damage to the log, the node's index and the session may differ on who may what. The lesser of both holds: a
 * device that one of them does not know, or knows as less, is shut out rather than let in again.
 */
export function agree(
  state: SessionState,
  { devices }: { devices: Record<string, { member: string; role: Role }> },
  ctx: DecideContext,
): Decision {
  const mine = standings(state);
  const fits = mine.filter((one) => devices[one.device]?.role === one.role);
  const lost = mine.filter((one) => devices[one.device]?.role !== one.role);
  const gone = Object.keys(devices).filter((device) => !fits.some((one) => one.device === device));
  if (lost.length === 0 && gone.length === 0) return {};
  return {
    events: lost.map(({ member, device }) => ({ type: 'device.revoked', body: { member, device } })),
    tell: gone.length === 0 ? [] : [indexed(ctx.id, [], gone)],
    effects: lost.length === 0 ? [] : cut(lost, 'The log was damaged, and you were shut out.', ctx),
  };
}

function memberOf(state: SessionState, id: string): Member {
  const member = Object.hasOwn(state.members, id) ? state.members[id] : undefined;
  if (member === undefined || member.revoked)
    throw new SkeinError('not_found', `The session has no member ${id}.`);
  return member;
}

function concernsMember(ticket: Ticket, member: string): boolean {
  return ticket.member === member || (ticket.by?.kind === 'member' && ticket.by.member === member);
}

function givenBy(state: SessionState, which: (ticket: Ticket) => boolean): NewEvent[] {
  return Object.values(state.tickets)
    .filter((ticket) => ticket.left > 0 && which(ticket))
    .map(({ id }) => withdrawn(id));
}

function withdrawn(ticket: string): NewEvent {
  return { type: 'ticket.withdrawn', body: { ticket } };
}

function cut(
  devices: readonly Pick<MemberDevice, 'device'>[],
  why: string,
  { offset }: DecideContext,
): Effect[] {
  if (devices.length === 0) return [];
  const body: CutDevices = { devices: devices.map((one) => one.device), why };
  return [{ id: `cut ${offset}`, kind: CUT_DEVICES, body }];
}

/** Tells the node's index, in the same transaction (M2). */
function indexed(
  id: string,
  set: NodeEvents['session.devices']['set'],
  gone: NodeEvents['session.devices']['gone'],
): Tell {
  return { target: 'node', type: 'session.devices', body: { id, set, gone } };
}

function noHistory(): SkeinError {
  return new SkeinError(
    'not_allowed',
    'You may not read what was before you joined, and so cannot give it (rule M3).',
    {
      rule: 'M3',
      needs: 'all',
      has: 'from-join',
    },
  );
}
