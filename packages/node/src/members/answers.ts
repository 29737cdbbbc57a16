/** What is told of a session's people, and of the session itself, to whoever may know it (rules M2, M3). Pure. */

import { lesser } from '@skein/protocol/members/roles';
import { isOpen, type Member, type MemberDevice, standingOf } from '@skein/protocol/members/state';
import type {
  Attached,
  ListedDevice,
  ListedMember,
  ListedTicket,
  SessionAnswer,
} from '@skein/protocol/sessions/asks';
import type { SessionState } from '@skein/protocol/sessions/state';
import type { Principal } from './principal.ts';
import { noSession } from './refusals.ts';
import type { Seen } from './roll.ts';
import { seenBy } from './since.ts';
import { whoIs } from './typing.ts';

/** Whose terminals show a run now, as its host names them, and whose typed last. */
export interface Onlookers {
  who: readonly string[];
  typist?: string | undefined;
}

/** Of the moment: what a device's connection is like. */
export interface Connected {
  seen(device: string): Seen | undefined;
  path?(device: string): string | undefined;
}

/** The session for somebody, without its invitations; its people are asked for by `members`. */
export function sessionAnswer(state: SessionState, by: Principal, onlookers: Onlookers): SessionAnswer {
  const { members: _, tickets: __, typist: ___, tasks: ____, saying: _____, ...rest } = seenBy(state, by);
  const { settledQuestions: ______, ...session } = rest;
  return { ...session, you: youIn(state, by), attached: attachedTo(state, onlookers) };
}

function youIn(state: SessionState, by: Principal): SessionAnswer['you'] {
  if (by.kind === 'owner') return { role: 'owner' };
  const standing = standingOf(state, by.device);
  if (standing === undefined) throw noSession(state.id);
  return { role: standing.role, member: standing.member };
}

function attachedTo(state: SessionState, { who, typist }: Onlookers): Attached[] {
  const counts = new Map<string, number>();
  for (const one of who) counts.set(one, (counts.get(one) ?? 0) + 1);
  return [...counts].flatMap(([one, count]) => {
    const by = whoIs(state, one);
    if (by === undefined) return [];
    const standing = standingOf(state, one);
    const deviceName = standing === undefined ? {} : { deviceName: standing.deviceName };
    return [{ who: by, ...deviceName, count, typing: one === typist }];
  });
}

export function membersAnswer(state: SessionState, { who }: Onlookers, connected: Connected): ListedMember[] {
  return Object.values(state.members)
    .filter((member) => !member.revoked)
    .map((member) => {
      const devices = member.devices
        .filter((one) => !one.revoked)
        .map((one) => deviceAnswer(one, member, who, connected));
      const { id, name, role, joined } = member;
      const path = devices.find((one) => one.path !== undefined)?.path;
      const seen = Math.max(joined, ...devices.map((one) => one.seen));
      return { id, name, role, joined, devices, seen, ...(path === undefined ? {} : { path }) };
    });
}

function deviceAnswer(
  { device, name, added, most }: MemberDevice,
  member: Member,
  who: readonly string[],
  connected: Connected,
): ListedDevice {
  const seen = connected.seen(device);
  const path = seen?.connected === true ? connected.path?.(device) : undefined;
  return {
    id: device,
    name,
    seen: seen?.at ?? added,
    connected: seen?.connected ?? false,
    attached: who.filter((one) => one === device).length,
    role: most === undefined ? member.role : lesser(member.role, most),
    ...(path === undefined ? {} : { path }),
  };
}

export function ticketsAnswer(state: SessionState, now: number): ListedTicket[] {
  return Object.values(state.tickets)
    .filter((ticket) => isOpen(ticket, now))
    .map(({ hash: _, ...ticket }) => ({ ...ticket, expiresIn: ticket.expires - now }));
}
