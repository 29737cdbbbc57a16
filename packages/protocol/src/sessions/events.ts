/** The events of sessions and of the node: what each says, checked by zod, one definition for type and check. */
import * as z from 'zod';
import { agentEvents } from '../agents/events.ts';
import { agentLifeEvents } from '../agents/life-events.ts';
import { AGENT_LIVES } from '../agents/state.ts';
import { composeLabel } from '../compose/label.ts';
import { farEvents, hostedAs, hostedEvents } from '../machines/events.ts';
import { HISTORIES, ROLES } from '../members/roles.ts';
import { who } from '../members/who.ts';
import { questionEvents } from '../questions/events.ts';
import { taskEvents } from '../tasks/events.ts';
import { toolEvents } from '../tools/events.ts';
import { workspaceIndexEvents, workspaceNotes } from '../workspaces/events.ts';
import { placed, sandboxClaim } from '../workspaces/placed.ts';
import { RUN_STATES } from './state.ts';

const id = z.string().min(1).max(64);
const size = z.int().min(1).max(1000);
const role = z.enum(ROLES);
/** How much of what was before a device came it may read. */
const history = z.enum(HISTORIES);
/** What is known of a device that comes: from which event on it reads, and from which byte of the programs that ran then. */
const arrival = {
  device: id,
  deviceName: z.string(),
  history,
  from: z.int(),
  runs: z.record(z.string(), z.int()).optional(),
  /** Times, of what was over before they came, that are not before theirs: a clock was set back, or another machine's is ahead. */
  ahead: z.array(z.int()).optional(),
  ticket: id,
};

/** Events in a session's stream, `session/<id>`. */
export const sessionEvents = {
  'session.created': z.object({
    id,
    name: z.string(),
    argv: z.array(z.string()),
    cwd: z.string(),
    /** Where its program works. */
    workspace: placed.optional(),
    /** It runs in a sandbox there. */
    sandbox: sandboxClaim.optional(),
    compose: composeLabel.optional(),
  }),
  'session.renamed': z.object({ name: z.string() }),
  'session.removed': z.object({}),
  /** A run is about to be started; recorded before it is, so that a crash in between is found (H4). */
  'run.requested': z.object({
    run: id,
    argv: z.array(z.string()),
    cwd: z.string(),
    cols: size,
    rows: size,
    /** Bytes of its output that are kept, where it is not 64 MiB. */
    keep: z.int().optional(),
  }),
  'run.started': z.object({ run: id, host: id, pid: z.int(), start: z.string() }),
  /** The program never ran. */
  'run.failed': z.object({ run: id, code: z.string(), message: z.string() }),
  'run.signalled': z.object({ run: id, signal: z.string() }),
  'run.exited': z.object({ run: id, code: z.int().nullable(), signal: z.int().nullable(), bytes: z.int() }),
  /** Its host ended without telling how the program did. */
  'run.lost': z.object({ run: id, why: z.string() }),
  /** Somebody else than before types; `offset` is the output's length then. Recorded once a session has members. */
  'run.typed': z.object({ run: id, by: who, offset: z.int() }),
  /** An invitation. Only the hash of its secret is ever kept; `expires` is in milliseconds since 1970 (M3). */
  'ticket.made': z.object({
    ticket: id,
    hash: z.string(),
    role,
    expires: z.int(),
    uses: z.int(),
    history,
    /** It is for a further device of this member. */
    member: id.optional(),
  }),
  'ticket.withdrawn': z.object({ ticket: id }),
  'member.joined': z.object({ member: id, name: z.string(), role, ...arrival }),
  /** A further device of a member; `role` is the most that it may, where that is less than the member. */
  'device.added': z.object({ member: id, role: role.optional(), ...arrival }),
  'device.revoked': z.object({ member: id, device: id }),
  'member.role': z.object({ member: id, role }),
  'member.revoked': z.object({ member: id }),
  ...agentLifeEvents,
  ...agentEvents,
  ...workspaceNotes,
  ...toolEvents,
  ...hostedEvents,
  ...farEvents,
  ...taskEvents,
  ...questionEvents,
};
export type SessionEvents = { [K in keyof typeof sessionEvents]: z.infer<(typeof sessionEvents)[K]> };

/** Events in the node's own stream, `node`: an index of its sessions, and its own life. */
export const nodeEvents = {
  'node.started': z.object({ version: z.string(), pid: z.int() }),
  'session.added': z.object({
    id,
    name: z.string(),
    argv: z.array(z.string()),
    compose: composeLabel.optional(),
    /** It belongs to another node, whose agent runs here. */
    hosted: hostedAs.optional(),
  }),
  'session.renamed': z.object({ id, name: z.string() }),
  'session.changed': z.object({
    id,
    state: z.enum(RUN_STATES),
    run: id,
  }),
  'session.removed': z.object({ id }),
  /** All the agents of a session as they are now, and with them what the session is at. */
  'session.agents': z.object({
    id,
    state: z.enum(RUN_STATES),
    agents: z.array(
      z.object({
        agent: id,
        name: z.string(),
        definition: z.string(),
        life: z.enum(AGENT_LIVES),
        run: z.string(),
        next: z.string().optional(),
      }),
    ),
  }),
  /** How many tasks and questions of a session are open or have come to nothing lately: whether there is anything to look after. */
  'session.work': z.object({ id, tasks: z.int(), questions: z.int() }),
  /** Devices that may now do something in a session, or something else than before; and devices that no longer may. */
  'session.devices': z.object({
    id,
    set: z.array(z.object({ device: id, member: id, name: z.string(), role })),
    gone: z.array(id),
  }),
  'log.damaged': z.object({ stream: z.string(), oldEpoch: z.int(), kept: z.int(), lost: z.int().nullable() }),
  ...workspaceIndexEvents,
};
export type NodeEvents = { [K in keyof typeof nodeEvents]: z.infer<(typeof nodeEvents)[K]> };

/** Where an event was recorded that is a copy: of which agent of another machine it tells, its place in the log there, and who caused it there. */
export interface EventSource {
  agent: string;
  epoch: number;
  offset: number;
  by: unknown;
}

/** An event as the log keeps it: `at` is in milliseconds since 1970, `by` who caused it. */
export interface StoredEvent {
  type: string;
  at: number;
  by: unknown;
  source?: EventSource;
  body: unknown;
  /** Where the body is when it is too large for a page: SHA-256 in hex, and bytes. Fetched by client/blobs.ts (L8). */
  blob?: { hash: string; size: number };
}

/**
 * What a reader gets in the place of an event that is not for them, so that offsets stay whole: the type `withheld`, and
 * the SHA-256, in hex, of the event as it is stored (M2). Reducers pass over it.
 */
export const WITHHELD = 'withheld';
export interface WithheldBody {
  hash: string;
}

/** An event to be stored. */
export type NewEvent<E> = { [K in keyof E & string]: { type: K; body: E[K] } }[keyof E & string];
