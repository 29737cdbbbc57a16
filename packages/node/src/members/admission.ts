/** Whether a device may come in by a ticket, and as what (rule M3). Pure; asked before a command is recorded, and by it. */
import { createHash, timingSafeEqual } from 'node:crypto';
import { SkeinError } from '@skein/protocol/errors';
import { idOf } from '@skein/protocol/ids';
import { MAX_MEMBER_DEVICES, MAX_MEMBERS } from '@skein/protocol/limits';
import {
  type Membership,
  type Standing,
  standingOf,
  type Ticket,
  wasRevoked,
} from '@skein/protocol/members/state';
import { ticketInvalid } from './refusals.ts';

export type Admission = { is: 'member'; standing: Standing } | { is: 'ticket'; ticket: Ticket };

/** Throws `ticket_invalid`, `ticket_expired`, `ticket_used`, `device_revoked`, or `too_large` when there is no room. */
export function admission(state: Membership, device: string, secret: string, now: number): Admission {
  const standing = standingOf(state, device);
  if (standing !== undefined) return { is: 'member', standing };
  const ticket = find(state, secret);
  if (ticket === undefined) throw ticketInvalid();
  if (wasRevoked(state, device)) {
    throw new SkeinError('device_revoked', 'This device was shut out of the session: it cannot join again.', {
      rule: 'M3',
    });
  }
  if (ticket.expires <= now) {
    throw new SkeinError('ticket_expired', 'This ticket has expired: ask for another.', {
      rule: 'M3',
      expired: ticket.expires,
    });
  }
  if (ticket.left <= 0) {
    throw new SkeinError('ticket_used', 'This ticket was used already: ask for another.', {
      rule: 'M3',
      uses: ticket.uses,
    });
  }
  checkRoom(state, ticket);
  return { is: 'ticket', ticket };
}

/** Every hash is compared, each in constant time: how long it takes tells nothing of any secret. */
function find({ tickets }: Membership, secret: string): Ticket | undefined {
  const hash = createHash('sha256').update(Buffer.from(secret, 'hex')).digest();
  let found: Ticket | undefined;
  for (const ticket of Object.values(tickets)) {
    const kept = Buffer.from(ticket.hash, 'hex');
    if (kept.length === hash.length && timingSafeEqual(kept, hash)) found = ticket;
  }
  return found;
}

function checkRoom({ members }: Membership, ticket: Ticket): void {
  if (ticket.member === undefined) {
    if (Object.keys(members).length < MAX_MEMBERS) return;
    throw new SkeinError(
      'too_large',
      `A session has at most ${MAX_MEMBERS} members, those shut out counted.`,
    );
  }
  const member = members[ticket.member];
  if (member === undefined || member.revoked) throw ticketInvalid();
  if (member.devices.length < MAX_MEMBER_DEVICES) return;
  throw new SkeinError(
    'too_large',
    `A member has at most ${MAX_MEMBER_DEVICES} devices, those shut out counted.`,
  );
}

/** The id of a member: of this session, ticket and device alone, so that no other person ever gets the same. */
export function memberId(session: string, ticket: string, device: string): string {
  const hash = createHash('sha256')
    .update(JSON.stringify([session, ticket, device]))
    .digest();
  return idOf(hash);
}
