/** The refusals of admission: each names the rule, what was needed, and what the caller has (rules K5, M2). */
import { SkeinError } from '@skein/protocol/errors';
import type { Need, Role } from '@skein/protocol/members/roles';

const NEEDED: Record<Exclude<Need, 'anyone'>, string> = {
  viewer: 'to be a member of the session',
  approver: 'the role of an approver',
  operator: 'the role of an operator',
  owner: 'the role of an owner',
  'node-owner': 'to be the user of the machine itself',
  granted: 'a grant of this machine (skein grant)',
};

/** What somebody is who has no role: a device that is a member of other sessions, or of none. */
type Has = Role | 'device' | 'stranger';

const BEING: Record<Has, string> = {
  viewer: 'you are a viewer',
  approver: 'you are an approver',
  operator: 'you are an operator',
  owner: 'you are an owner of this session only',
  device: 'you are admitted to some sessions only',
  stranger: 'this device is not admitted here',
};

export function notAllowed(needs: Exclude<Need, 'anyone'>, has: Has): SkeinError {
  const sentence =
    needs === 'viewer' && has === 'stranger'
      ? 'This device is not admitted here, or not any more (rule M2): ask for a ticket.'
      : `This needs ${NEEDED[needs]}; ${BEING[has]} (rule M2).`;
  return new SkeinError('not_allowed', sentence, { rule: 'M2', needs, has });
}

export function noSession(ref: string): SkeinError {
  return new SkeinError('not_found', `There is no session "${ref}" for you here.`, { rule: 'M2' });
}

/** The same for a wrong secret and for a session that is not there: a stranger learns nothing. */
export function ticketInvalid(): SkeinError {
  return new SkeinError(
    'ticket_invalid',
    'This ticket is not known here, or was withdrawn: ask for another.',
    {
      rule: 'M3',
    },
  );
}
