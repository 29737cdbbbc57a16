/** Who gives a command, in the eyes of the one that it is given to, and whether they may (rules K1, M2). Pure. */
import type { AgentState, Agents } from '@skein/protocol/agents/state';
import { allows, COMMAND_NEEDS, type Need, type OwnNeed } from '@skein/protocol/members/roles';
import { type Membership, type Standing, standingOf } from '@skein/protocol/members/state';
import { who } from '@skein/protocol/members/who';
import type { Commands } from '@skein/protocol/sessions/commands';
import { type NodeState, sessionIn } from '@skein/protocol/sessions/node-state';
import { checkAgent, directing } from '../tools/judge.ts';
import { notAllowed } from './refusals.ts';

export type Giver =
  | { is: 'local' }
  | { is: 'member'; standing: Standing }
  | { is: 'agent'; agent: AgentState }
  | { is: 'stranger'; device: string };

type Givers = Membership & Pick<Agents, 'agents' | 'approvals'> & { id: string };

/**
 * The machine's user, a member as the session knows it now, an agent of it that may direct others, or a device that it does not
 * know; throws for anything else.
 */
export function giverOf(state: Givers, by: unknown): Giver {
  const { data } = who.safeParse(by);
  if (data?.kind === 'owner') return { is: 'local' };
  if (data?.kind === 'agent') return { is: 'agent', agent: directing(state, data) };
  if (data?.kind !== 'member' && data?.kind !== 'device') throw notAllowed('viewer', 'stranger');
  const standing = standingOf(state, data.device);
  return standing === undefined ? { is: 'stranger', device: data.device } : { is: 'member', standing };
}

/**
 * Whether a command to a session may be given. The gate has looked as well; but between its look and this decision the
 * giver's role may have changed, and here it cannot.
 */
export function checkGiver(
  giver: Giver,
  state: Givers,
  type: keyof Commands,
  body: object,
  now: number,
): void {
  if (giver.is === 'local') return;
  if (giver.is === 'agent') return checkAgent(giver.agent, state, type, body, now);
  const row = COMMAND_NEEDS[type];
  const member = giver.is === 'member' ? giver.standing.member : undefined;
  const needs = needOf(row, member !== undefined && concerns(state, type, body) === member);
  const role = giver.is === 'member' ? giver.standing.role : undefined;
  if (needs !== 'anyone' && !allows(role, needs)) throw notAllowed(needs, role ?? 'stranger');
}

export function needOf(row: Need | OwnNeed, own: boolean): Need {
  return typeof row === 'string' ? row : own ? row.own : row.others;
}

/** Whose membership a command is about, if it is about one's. */
function concerns(state: Membership, type: keyof Commands, body: object): string | undefined {
  if (type === 'ticket.withdraw') {
    const ticket = state.tickets[(body as { ticket: string }).ticket];
    return ticket?.by?.kind === 'member' ? ticket.by.member : undefined;
  }
  return (body as { member?: string }).member;
}

/** The session that a command to the node is about; empty for none, as nothing is called. The body is anybody's. */
export function idIn(body: unknown): string {
  const id = (body as { id?: unknown } | null)?.id;
  return typeof id === 'string' ? id : '';
}

/** The same for the node's own commands, of which only those about one session are ever a member's to give. */
export function checkNodeGiver(state: NodeState, type: keyof Commands, body: object, by: unknown): void {
  const { data } = who.safeParse(by);
  if (data?.kind === 'owner') return;
  const device = data?.kind === 'member' || data?.kind === 'device' ? data.device : '';
  // The grant itself is looked at as it is decided.
  if (COMMAND_NEEDS[type] === 'granted' && device !== '') return;
  const id = idIn(body);
  const role = sessionIn(state, id)?.devices[device]?.role;
  const needs = needOf(COMMAND_NEEDS[type], false);
  if (needs !== 'anyone' && !allows(role, needs)) throw notAllowed(needs, role ?? 'stranger');
}
