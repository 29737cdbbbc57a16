/** What a client may ask of a node without changing anything that lasts: bodies (zod) and answers. */
import * as z from 'zod';
import { type AgentAsks, agentAsks } from '../agents/asks.ts';
import { agentName } from '../agents/names.ts';
import { DOINGS } from '../agents/state.ts';
import type { Cursor } from '../channel/frames.ts';
import { composeLabel } from '../compose/label.ts';
import type { HostKind } from '../host/kind.ts';
import { identifier } from '../identifier.ts';
import { MAX_HISTORY } from '../limits.ts';
import { type MachineAsks, machineAsks } from '../machines/asks.ts';
import { type LoadAsks, loadAsks } from '../machines/load.ts';
import { type TreeAsks, treeAsks } from '../machines/trees.ts';
import { ROLES, type Role } from '../members/roles.ts';
import type { Ticket } from '../members/state.ts';
import type { Who } from '../members/who.ts';
import { type PeerAsks, peerAsks } from '../peers/asks.ts';
import { systemText, word } from '../system-text.ts';
import { type TaskAsks, taskAsks } from '../tasks/asks.ts';
import { type ToolAsks, toolAsks } from '../tools/asks.ts';
import { type WorkspaceAsks, workspaceAsks } from '../workspaces/asks.ts';
import { columns, rows, sessionName } from './commands.ts';
import { RUN_STATES, type SessionState } from './state.ts';

const ref = z.string().min(1, 'it is empty, and names no session').max(128);

export const asks = {
  status: z.object({}),
  sessions: z.object({}),
  /** The same, as many as fit into one message, of those that come after a place: of more than fit, what is to be asked. */
  sessionPage: z.object({ after: z.object({ created: z.number(), id: identifier }).nullable() }),
  /** Sessions that ended before a time, of those after an id; with `forgotten` also those that only their records are left of. */
  bygone: z.object({ before: z.number(), forgotten: z.boolean(), after: identifier.nullable() }),
  /** The same as `sessions`, as one JSON text, for a client that lives so shortly that decoding it by itself would be felt. */
  listing: z.object({}),
  /** The same as a table for people, ready to be printed: empty when there is nothing to show. */
  table: z.object({ running: z.boolean(), colours: z.boolean() }),
  session: z.object({ ref }),
  /** Waits until the session's program has started or failed to; answers with the session. */
  started: z.object({ ref }),
  /** Waits until the session's program has ended. */
  ended: z.object({ ref, timeout: z.int().min(0).max(3_600_000).optional() }),
  /** A one-time right to connect to the host of a session's program (H1). */
  right: z.object({ ref, role: z.enum(['read', 'write']) }),
  screen: z.object({
    ref,
    form: z.enum(['text', 'ansi']),
    history: z.int().min(0).max(MAX_HISTORY).optional(),
  }),
  resize: z.object({ ref, cols: columns, rows }),
  /** Keeps an environment for the next `session.create`, which names it by the handle. */
  env: z.object({ vars: z.record(systemText(4096), word) }),
  stop: z.object({ kill: z.boolean().optional() }),
  /** The people of a session, revoked ones left out; who of them is there now. */
  members: z.object({ ref }),
  /** The invitations that can still be used. */
  tickets: z.object({ ref }),
  ...agentAsks,
  ...peerAsks,
  ...workspaceAsks,
  ...machineAsks,
  ...toolAsks,
  ...loadAsks,
  ...taskAsks,
  ...treeAsks,
};

/** A session in a list. Another node's list is checked by this before it is believed. */
export const listedSession = z.object({
  id: identifier,
  name: sessionName,
  state: z.enum(RUN_STATES),
  /** Viewers at this moment. */
  attached: z.int().min(0),
  /** Milliseconds since 1970. */
  created: z.int().min(0),
  size: z.object({ cols: columns, rows }).nullable(),
  argv: z.array(z.string()),
  /** Its agents, if it has any; absent from nodes that do not know of agents. */
  agents: z
    .array(
      z.object({
        agent: identifier,
        name: agentName,
        definition: z.string(),
        doing: z.enum(DOINGS),
        /** What the workspace is called that it works in. */
        workspace: z.string().optional(),
        /** The machine that it runs on, if another; and what stands in the way of its being used from here, in words. */
        on: z.string().max(64).optional(),
        away: z.string().max(256).optional(),
      }),
    )
    .optional(),
  /** Whose it is, if another node's, whose agent runs here: what that node and its session are called. */
  hosted: z.object({ node: z.string().max(64), name: z.string().max(64) }).optional(),
  /** What the one who asks may do; absent for the machine's user, who may do everything. */
  role: z.enum(ROLES).optional(),
  compose: composeLabel.optional(),
});
export type ListedSession = z.infer<typeof listedSession>;

/** A session that ended; `name` is null of one that is listed no more. */
export interface BygoneSession {
  id: string;
  name: string | null;
  /** Milliseconds since 1970. */
  ended: number;
}

/** Somebody whose terminal shows a program now. */
export interface Attached {
  who: Who;
  /** What the device is called; absent for the machine's own terminals. */
  deviceName?: string;
  /** Terminals, if one device shows it in several. */
  count: number;
  /** Whether it typed last. */
  typing: boolean;
}

/** A session as it is told to somebody: what it is, what they may do, who looks at it. */
export type SessionAnswer = Omit<
  SessionState,
  'members' | 'tickets' | 'typist' | 'tasks' | 'saying' | 'settledQuestions'
> & {
  /** The machine's user is an owner without being a member. */
  you: { role: Role; member?: string };
  attached: Attached[];
};

/** A device of a member. Times are in milliseconds since 1970. */
export interface ListedDevice {
  /** Its PeerId. */
  id: string;
  name: string;
  /** When it was last connected: now, if it is. */
  seen: number;
  connected: boolean;
  /** How it is connected, such as `direct` or `relayed`. */
  path?: string;
  /** Terminals of it that show the program. */
  attached: number;
  role: Role;
}

export interface ListedMember {
  id: string;
  name: string;
  role: Role;
  joined: number;
  devices: ListedDevice[];
  /** The latest of its devices. */
  seen: number;
  path?: string;
}

export interface ListedTicket extends Omit<Ticket, 'hash'> {
  /** Milliseconds that it is still good for, by the clock that it expires by; earlier nodes do not tell. */
  expiresIn?: number;
}

/** What was found damaged of the log, and cut away (rule L6). */
export interface DamageReport {
  /** A sentence for the owner. */
  reason: string;
  /** What is left of each stream, and how many events of it are known to be lost: at least so many. */
  streams: { stream: string; oldEpoch: number; epoch: number; kept: number; lost: number }[];
  /** The names of the damaged files, which were put beside the log. */
  aside: string[];
}

export interface Status {
  pid: number;
  version: string;
  /** Of what sources; absent from nodes that did not tell yet. */
  build?: string;
  id: string;
  home: string;
  /** Seconds. */
  uptime: number;
  hosts: {
    id: string;
    pid: number;
    version: string;
    runs: number;
    draining: boolean;
    /** Absent from nodes that knew terminals only. */
    kind?: HostKind;
  }[];
  /** `forgotten`: those listed no more whose records are still there; absent from nodes that do not tell. */
  sessions: { total: number; running: number; forgotten?: number };
  /** Bytes on disk and events in the log. */
  /** `format`: which the node writes; absent from nodes that do not tell. */
  log: { bytes: number; events: number; damaged: DamageReport[]; format?: number };
  /** Commands accepted and not yet answered; effects under way. */
  queues: { mailbox: number; effects: number };
}

export interface Asks
  extends PeerAsks,
    AgentAsks,
    WorkspaceAsks,
    MachineAsks,
    ToolAsks,
    LoadAsks,
    TreeAsks,
    TaskAsks {
  status: { body: z.infer<typeof asks.status>; answer: Status };
  sessions: { body: z.infer<typeof asks.sessions>; answer: ListedSession[] };
  /** `more`: the place to go on after; null at the end. */
  sessionPage: {
    body: z.infer<typeof asks.sessionPage>;
    answer: { sessions: ListedSession[]; more: { created: number; id: string } | null };
  };
  /** In the order of their ids. `more`: the id to go on after; null at the end. */
  bygone: {
    body: z.infer<typeof asks.bygone>;
    answer: { sessions: BygoneSession[]; more: string | null };
  };
  /** A JSON array of ListedSession. */
  listing: { body: z.infer<typeof asks.listing>; answer: string };
  table: { body: z.infer<typeof asks.table>; answer: string };
  /**
   * `cursor`: the last event of its stream that this is told of, to go on from; `shows`: marks of other sessions that are to
   * be seen in it. Older nodes tell neither.
   */
  session: {
    body: z.infer<typeof asks.session>;
    answer: SessionAnswer & { cursor?: Cursor; shows?: string[] };
  };
  started: { body: z.infer<typeof asks.started>; answer: SessionAnswer };
  ended: { body: z.infer<typeof asks.ended>; answer: SessionAnswer };
  right: {
    body: z.infer<typeof asks.right>;
    answer: { id: string; name: string; run: string; socket: string; token: string } | Ended;
  };
  screen: {
    body: z.infer<typeof asks.screen>;
    /** `applicationCursor`: of a running program, whether it has asked for that form of its cursor keys. */
    answer: {
      id: string;
      offset: number;
      cols: number;
      rows: number;
      data: string;
      applicationCursor?: boolean;
    };
  };
  resize: { body: z.infer<typeof asks.resize>; answer: { cols: number; rows: number } };
  env: { body: z.infer<typeof asks.env>; answer: { handle: string } };
  stop: { body: z.infer<typeof asks.stop>; answer: { stopping: true } };
  members: { body: z.infer<typeof asks.members>; answer: ListedMember[] };
  tickets: { body: z.infer<typeof asks.tickets>; answer: ListedTicket[] };
}

/** The answer to `right` for a session whose program has ended: there is no host to connect to. */
interface Ended {
  id: string;
  name: string;
  run: string;
  ended: true;
}
