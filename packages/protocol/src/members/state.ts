/** The people of a session and its open invitations, as a pure function of its events (rules M3, L5). */
import { MAX_TICKETS } from '../limits.ts';
import type { SessionEvents, StoredEvent } from '../sessions/events.ts';
import { type History, lesser, type Role } from './roles.ts';
import type { Who } from './who.ts';

export interface MemberDevice {
  /** Its PeerId. */
  device: string;
  name: string;
  /** Milliseconds since 1970. */
  added: number;
  /** The most that it may, if that is less than its member. */
  most?: Role;
  history: History;
  /** The event by which it came, and how far the output of what ran then had got: `from-join` reads from there. */
  from: number;
  runs: Record<string, number>;
  /** Times of what was over when it came, though they are not before its own. */
  ahead?: number[];
  revoked: boolean;
}

export interface Member {
  id: string;
  name: string;
  role: Role;
  joined: number;
  revoked: boolean;
  devices: MemberDevice[];
}

export interface Ticket {
  id: string;
  /** SHA-256 of the secret, in hex. */
  hash: string;
  role: Role;
  /** Milliseconds since 1970. */
  made: number;
  expires: number;
  uses: number;
  left: number;
  history: History;
  /** The member whose further device it admits. */
  member?: string | undefined;
  by: Who | null;
}

export interface Membership {
  members: Record<string, Member>;
  /** Those that can be used, and some of those that no longer can, so that it can be said why. */
  tickets: Record<string, Ticket>;
}

/** What a device is in a session. */
export interface Standing {
  member: string;
  name: string;
  device: string;
  deviceName: string;
  role: Role;
  history: History;
  from: number;
  runs: Record<string, number>;
}

/** What a device may do, if it is a member's and neither is revoked. */
export function standingOf({ members }: Membership, device: string): Standing | undefined {
  for (const member of Object.values(members)) {
    const found = member.devices.find((one) => one.device === device);
    if (found === undefined || found.revoked || member.revoked) continue;
    return standing(member, found);
  }
  return undefined;
}

/** Whether a device was a member's and may not be again. */
export function wasRevoked({ members }: Membership, device: string): boolean {
  return Object.values(members).some((member) =>
    member.devices.some((one) => one.device === device && (one.revoked || member.revoked)),
  );
}

/** Every device that may do something. */
export function standings({ members }: Membership): Standing[] {
  return Object.values(members).flatMap((member) =>
    member.revoked ? [] : member.devices.filter((one) => !one.revoked).map((one) => standing(member, one)),
  );
}

function standing(member: Member, device: MemberDevice): Standing {
  const { history, from, runs, name: deviceName } = device;
  const role = device.most === undefined ? member.role : lesser(member.role, device.most);
  return {
    member: member.id,
    name: member.name,
    device: device.device,
    deviceName,
    role,
    history,
    from,
    runs,
  };
}

/** The first byte of a run's output that a device may read; what began after it came is read whole. */
export function outputFloor({ history, runs }: Pick<Standing, 'history' | 'runs'>, run: string): number {
  return history === 'all' ? 0 : (runs[run] ?? 0);
}

export function isOpen(ticket: Ticket, now: number): boolean {
  return ticket.left > 0 && ticket.expires > now;
}

type Body<K extends keyof SessionEvents> = SessionEvents[K];

/** The state after one more event. Never changes the state it is given. */
export function reduceMembership<S extends Membership>(state: S, event: StoredEvent): S {
  switch (event.type as keyof SessionEvents) {
    case 'ticket.made': {
      const { ticket: id, ...body } = event.body as Body<'ticket.made'>;
      const { [id]: _, ...others } = state.tickets;
      const ticket: Ticket = { id, ...body, made: event.at, left: body.uses, by: event.by as Who | null };
      return { ...state, tickets: { ...thinned(others, event.at), [id]: ticket } };
    }
    case 'ticket.withdrawn': {
      const { [(event.body as Body<'ticket.withdrawn'>).ticket]: _, ...tickets } = state.tickets;
      return { ...state, tickets };
    }
    case 'member.joined': {
      const { member: id, name, role, ...arrival } = event.body as Body<'member.joined'>;
      const member: Member = {
        id,
        name,
        role,
        joined: event.at,
        revoked: false,
        devices: [deviceOf(arrival, event.at)],
      };
      return used({ ...state, members: { ...state.members, [id]: member } }, arrival.ticket);
    }
    case 'device.added': {
      const { member, role: most, ...arrival } = event.body as Body<'device.added'>;
      const device = { ...deviceOf(arrival, event.at), ...(most === undefined ? {} : { most }) };
      const added = onMember(state, member, (old) => ({ ...old, devices: [...old.devices, device] }));
      return used(added, arrival.ticket);
    }
    case 'device.revoked': {
      const { member, device } = event.body as Body<'device.revoked'>;
      return onMember(state, member, (old) => ({
        ...old,
        devices: old.devices.map((one) => (one.device === device ? { ...one, revoked: true } : one)),
      }));
    }
    case 'member.role': {
      const { member, role } = event.body as Body<'member.role'>;
      return onMember(state, member, (old) => ({ ...old, role }));
    }
    case 'member.revoked': {
      const { member } = event.body as Body<'member.revoked'>;
      return onMember(state, member, (old) => ({ ...old, revoked: true }));
    }
    default:
      return state;
  }
}

function deviceOf(
  { device, deviceName, history, from, runs, ahead }: Omit<Body<'member.joined'>, 'member' | 'name' | 'role'>,
  added: number,
): MemberDevice {
  const came = { device, name: deviceName, added, history, from, runs: runs ?? {}, revoked: false };
  return ahead === undefined ? came : { ...came, ahead };
}

function used<S extends Membership>(state: S, id: string): S {
  const ticket = state.tickets[id];
  if (ticket === undefined) return state;
  return { ...state, tickets: { ...state.tickets, [id]: { ...ticket, left: ticket.left - 1 } } };
}

function onMember<S extends Membership>(state: S, id: string, change: (member: Member) => Member): S {
  const member = state.members[id];
  return member === undefined ? state : { ...state, members: { ...state.members, [id]: change(member) } };
}

/** Room for one more: the oldest that can no longer be used goes. */
function thinned(tickets: Record<string, Ticket>, now: number): Record<string, Ticket> {
  const all = Object.values(tickets);
  if (all.length < MAX_TICKETS) return tickets;
  const oldest = all.find((ticket) => !isOpen(ticket, now));
  if (oldest === undefined) return tickets;
  const { [oldest.id]: _, ...others } = tickets;
  return others;
}
