/**
 * The roles, and the one table of what each may do (rule M2). Everything a device can send and every event it can read has
 * a row here; a frame, ask, command or event without one does not build.
 */
import type { ClientFrame } from '../channel/frames.ts';
import { MACHINE_EVENT_NEEDS } from '../machines/needs.ts';
import type { PeerEvents } from '../peers/events.ts';
import type { Asks } from '../sessions/asks.ts';
import type { Commands } from '../sessions/commands.ts';
import type { NodeEvents, SessionEvents } from '../sessions/events.ts';
import { TASK_ASK_NEEDS, TASK_COMMAND_NEEDS, TASK_EVENT_NEEDS } from '../tasks/needs.ts';
import { TOOL_ASK_NEEDS, TOOL_COMMAND_NEEDS, TOOL_EVENT_NEEDS } from '../tools/needs.ts';
import type { WorkspaceEvents } from '../workspaces/events.ts';

/**
 * From least to most. Each may do what those before it may: a viewer looks on; an approver answers what agents ask; an
 * operator types, resizes and signals; an owner shares, and says who has which role.
 */
export const ROLES = ['viewer', 'approver', 'operator', 'owner'] as const;
export type Role = (typeof ROLES)[number];

/** How much of what was before a member came they may read (M3). */
export const HISTORIES = ['all', 'from-join'] as const;
export type History = (typeof HISTORIES)[number];

/**
 * The least that is needed: a role in the session concerned; `node-owner`, the machine's user on the local socket alone;
 * `granted`, a node that this machine's user has given a grant (X1); or `anyone` who holds a device key.
 */
export type Need = Role | 'node-owner' | 'granted' | 'anyone';

/** A command that a member may give about their own membership with less than about others'. */
export interface OwnNeed {
  own: Role;
  others: Role;
}

/** Frames. What is asked, commanded or read has rows of its own below; a lane's frames need what its opening did. */
export const FRAME_NEEDS: Record<ClientFrame['t'], Need> = {
  hello: 'anyone',
  ask: 'viewer',
  cmd: 'anyone',
  ack: 'anyone',
  sub: 'viewer',
  open: 'viewer',
  fetch: 'viewer',
  data: 'viewer',
  credit: 'viewer',
  close: 'viewer',
  ping: 'anyone',
  pong: 'anyone',
};

export const ASK_NEEDS: Record<keyof Asks, Need> = {
  status: 'node-owner',
  sessions: 'viewer',
  sessionPage: 'viewer',
  bygone: 'node-owner',
  listing: 'viewer',
  table: 'viewer',
  session: 'viewer',
  started: 'viewer',
  ended: 'viewer',
  // A right opens the host's socket, which only the machine's user can reach.
  right: 'node-owner',
  screen: 'viewer',
  resize: 'operator',
  // Tells of this machine's files, and runs programs of it.
  agents: 'node-owner',
  upload: 'operator',
  approvals: 'viewer',
  env: 'node-owner',
  stop: 'node-owner',
  members: 'viewer',
  tickets: 'owner',
  mesh: 'node-owner',
  admission: 'node-owner',
  nodes: 'node-owner',
  join: 'node-owner',
  away: 'node-owner',
  // Whoever came by a ticket knows where the node is found, and needs it again for a ticket of their own.
  meeting: 'viewer',
  // Tell of this machine's directories.
  workspaces: 'node-owner',
  workspace: 'node-owner',
  prepared: 'node-owner',
  claims: 'node-owner',
  awaited: 'node-owner',
  changes: 'node-owner',
  committing: 'node-owner',
  ...TASK_ASK_NEEDS,
  grants: 'node-owner',
  locator: 'node-owner',
  renew: 'owner',
  ...TOOL_ASK_NEEDS,
  // Of the sessions that one is admitted to.
  load: 'viewer',
  handing: 'granted',
  hand: 'granted',
  handed: 'granted',
  // Reads all of the agent's tree, as who commands it may.
  tree: 'owner',
  treePart: 'owner',
  treeKept: 'owner',
  treeCommit: 'owner',
};

export const COMMAND_NEEDS: Record<keyof Commands, Need | OwnNeed> = {
  // Starts a program of the caller's choice on this machine.
  'session.create': 'node-owner',
  'session.open': 'node-owner',
  'session.rename': 'owner',
  'session.remove': 'node-owner',
  'run.signal': 'operator',
  // A member's own further device, or their own leaving, is their own business.
  'ticket.make': { own: 'viewer', others: 'owner' },
  'ticket.withdraw': { own: 'viewer', others: 'owner' },
  'ticket.redeem': 'anyone',
  'member.role': 'owner',
  'member.revoke': { own: 'viewer', others: 'owner' },
  // Starts a program of this machine's, if only one that has a definition here.
  'agent.add': 'owner',
  'agent.remove': 'owner',
  'agent.stop': 'operator',
  'agent.restart': 'operator',
  'agent.mode': 'operator',
  'agent.model': 'operator',
  'prompt.queue': 'operator',
  ...TOOL_COMMAND_NEEDS,
  'prompt.edit': 'operator',
  'prompt.cancel': 'operator',
  'turn.cancel': 'operator',
  'approval.answer': 'approver',
  'rule.remove': 'approver',
  // Run programs on this machine, and change directories of its user's.
  'workspace.create': 'node-owner',
  'workspace.remove': 'node-owner',
  'claim.take': 'node-owner',
  'claim.release': 'node-owner',
  'claim.renew': 'node-owner',
  'landing.begin': 'node-owner',
  'landing.undo': 'node-owner',
  'landing.cancel': 'node-owner',
  ...TASK_COMMAND_NEEDS,
  'hosted.place': 'granted',
  'lease.take': 'owner',
  'lease.give': 'owner',
  'home.tell': 'owner',
  'grant.give': 'node-owner',
  'grant.revoke': 'node-owner',
  'peer.add': 'node-owner',
  'mesh.configure': 'node-owner',
  'peer.rename': 'node-owner',
  'peer.forget': 'node-owner',
  'peer.block': 'node-owner',
};

/** Opening a terminal to look, or to type. */
export const TERMINAL_NEEDS: Record<'read' | 'write', Role> = { read: 'viewer', write: 'operator' };

/** Events of a session's stream, those that the log itself writes included. What a role may not see is withheld. */
export const SESSION_EVENT_NEEDS: Record<keyof SessionEvents | 'log.epoch', Need> = {
  'session.created': 'viewer',
  'session.renamed': 'viewer',
  'session.removed': 'viewer',
  'run.requested': 'viewer',
  'run.started': 'viewer',
  'run.failed': 'viewer',
  'run.signalled': 'viewer',
  'run.exited': 'viewer',
  'run.lost': 'viewer',
  'run.typed': 'viewer',
  'ticket.made': 'owner',
  'ticket.withdrawn': 'owner',
  'member.joined': 'viewer',
  'device.added': 'viewer',
  'device.revoked': 'viewer',
  'member.role': 'viewer',
  'member.revoked': 'viewer',
  'agent.added': 'viewer',
  'agent.starting': 'viewer',
  'agent.started': 'viewer',
  'agent.failed': 'viewer',
  'agent.lost': 'viewer',
  'agent.resting': 'viewer',
  'agent.stopping': 'viewer',
  'agent.restarting': 'viewer',
  'agent.removed': 'viewer',
  'agent.stuck': 'viewer',
  'agent.chosen': 'viewer',
  'agent.ready': 'viewer',
  'agent.session': 'viewer',
  'agent.offers': 'viewer',
  'agent.note': 'viewer',
  'agent.fault': 'viewer',
  'agent.refused': 'viewer',
  'agent.exited': 'viewer',
  'prompt.queued': 'viewer',
  'prompt.edited': 'viewer',
  'prompt.cancelled': 'viewer',
  'turn.started': 'viewer',
  'turn.cancelling': 'viewer',
  'turn.ended': 'viewer',
  'message.delta': 'viewer',
  'message.ended': 'viewer',
  'thought.delta': 'viewer',
  'thought.ended': 'viewer',
  'tool.announced': 'viewer',
  'tool.updated': 'viewer',
  'tool.finished': 'viewer',
  'plan.set': 'viewer',
  'usage.set': 'viewer',
  'approval.asked': 'viewer',
  'approval.answered': 'viewer',
  'approval.called': 'viewer',
  'approval.resolved': 'viewer',
  'approval.orphaned': 'viewer',
  'rule.added': 'viewer',
  'rule.removed': 'viewer',
  'claim.taken': 'viewer',
  'claim.released': 'viewer',
  'claim.refused': 'viewer',
  'conflict.found': 'viewer',
  'landing.changed': 'viewer',
  ...TASK_EVENT_NEEDS,
  ...MACHINE_EVENT_NEEDS,
  ...TOOL_EVENT_NEEDS,
  'log.epoch': 'viewer',
};

/** Events of the node's stream tell of all its sessions. */
export const NODE_EVENT_NEEDS: Record<keyof NodeEvents, Need> = {
  'node.started': 'node-owner',
  'session.added': 'node-owner',
  'session.renamed': 'node-owner',
  'session.changed': 'node-owner',
  'session.removed': 'node-owner',
  'session.agents': 'node-owner',
  'session.devices': 'node-owner',
  'session.work': 'node-owner',
  'log.damaged': 'node-owner',
  'workspace.added': 'node-owner',
  'workspace.changed': 'node-owner',
  'workspace.gone': 'node-owner',
};

/** Events of a workspace's stream tell of this machine's files; what concerns a session's agents is told in the session's. */
export const WORKSPACE_EVENT_NEEDS: Record<keyof WorkspaceEvents, Need> = {
  'workspace.created': 'node-owner',
  'workspace.step': 'node-owner',
  'workspace.ready': 'node-owner',
  'workspace.brought': 'node-owner',
  'workspace.failed': 'node-owner',
  'workspace.removing': 'node-owner',
  'workspace.kept': 'node-owner',
  'workspace.removed': 'node-owner',
  'run.entered': 'node-owner',
  'run.left': 'node-owner',
  'claim.taken': 'node-owner',
  'claim.waiting': 'node-owner',
  'claim.dropped': 'node-owner',
  'claim.renewed': 'node-owner',
  'claim.released': 'node-owner',
  'write.began': 'node-owner',
  'write.ended': 'node-owner',
  'conflict.found': 'node-owner',
  'landing.changed': 'node-owner',
};

/** Events of the stream `peers` tell of this machine's other nodes. */
export const PEER_EVENT_NEEDS: Record<keyof PeerEvents, Need> = {
  'mesh.configured': 'node-owner',
  'peer.added': 'node-owner',
  'peer.placed': 'node-owner',
  'peer.renamed': 'node-owner',
  'peer.forgotten': 'node-owner',
  'peer.blocked': 'node-owner',
  'away.joined': 'node-owner',
  'away.forgotten': 'node-owner',
  'grant.given': 'node-owner',
  'grant.revoked': 'node-owner',
};

/** Whether somebody with a role may do what needs `needs`; without a role only what anyone may. */
export function allows(has: Role | undefined, needs: Need): boolean {
  if (needs === 'anyone') return true;
  if (needs === 'node-owner' || needs === 'granted' || has === undefined) return false;
  return ROLES.indexOf(has) >= ROLES.indexOf(needs);
}

/** The lesser of two roles. */
export function lesser(a: Role, b: Role): Role {
  return ROLES.indexOf(a) <= ROLES.indexOf(b) ? a : b;
}

/** Whether a role may read an event of a session. One that this release does not know is not shown (L7). */
export function maySee(role: Role, event: string): boolean {
  if (!Object.hasOwn(SESSION_EVENT_NEEDS, event)) return false;
  return allows(role, SESSION_EVENT_NEEDS[event as keyof typeof SESSION_EVENT_NEEDS]);
}
