/**
 * What runs on machines and what that takes, as `skein top` shows it: the ask `load`, its answer, and how another node's is checked
 * before it is believed. Times are in milliseconds since 1970 by the clock of the node that tells them, whose `now` goes with them.
 */
import * as z from 'zod';
import { agentName, definitionName } from '../agents/names.ts';
import { DOINGS } from '../agents/state.ts';
import { SkeinError } from '../errors.ts';
import { identifier } from '../identifier.ts';
import { ROLES } from '../members/roles.ts';
import { sessionName } from '../sessions/commands.ts';
import { RUN_STATES } from '../sessions/state.ts';
import { FAR_LINKS } from './events.ts';

/** Sessions that one node tells of, the newest, and agents of one session. */
export const MAX_LOADED = 1_000;
const MAX_LOADED_AGENTS = 256;
/** Of those who look at a program, the first are named; characters of what is run. */
export const MAX_ONLOOKERS = 16;
export const MAX_COMMAND = 200;
/** Characters of a node's whole answer, as JSON: many nodes must fit into one frame. */
export const MAX_LOAD = 128 * 1024;
/** Milliseconds that `load` waits for other nodes, at most. */
export const MAX_LOAD_WAIT = 10_000;

const count = z.int().min(0);
const name = z.string().max(256);

export const loadAsks = {
  /** What runs here and what it takes; looked at only while somebody asks. */
  load: z.object({
    /** Other machines as well: those of joined sessions, and those that run agents of this one. For the machine's user alone. */
    everywhere: z.boolean().optional(),
    /** Milliseconds to wait for what other nodes tell now; what they told before is told where they take longer. */
    wait: z.int().min(0).max(MAX_LOAD_WAIT).optional(),
  }),
};

/** What a process and all that it has started take. */
const use = z.object({
  /** Cores, over the time since the last look: 1 is one whole core. */
  cpu: z.number().min(0),
  /** Bytes: proportional (PSS) where the system tells that, else resident. */
  memory: count,
  processes: count,
});
export type Use = z.infer<typeof use>;

const loadedAgent = z.object({
  agent: identifier,
  name: agentName,
  definition: definitionName,
  doing: z.enum(DOINGS),
  /** It shows its own interface in the session's terminal, whose use is its own. */
  pty: z.literal(true).optional(),
  /** When its present turn began. */
  turn: count.nullable(),
  /** Prompts that wait, and questions. */
  queue: count,
  asks: count,
  /** Tokens that went in, cached or not, and that came out. */
  tokens: z.object({ input: count, output: count }),
  /** By currency. */
  cost: z.record(z.string().max(16), z.number().min(0)),
  model: name.nullable(),
  workspace: name.nullable(),
  /** Null while it has no process here. */
  use: use.nullable(),
  /** It runs on another machine, in a session of that. */
  far: z
    .object({
      peer: name,
      node: name,
      session: identifier.nullable(),
      link: z.enum(FAR_LINKS),
      since: count,
    })
    .optional(),
});
export type LoadedAgent = z.infer<typeof loadedAgent>;

const loadedSession = z.object({
  id: identifier,
  name: sessionName,
  state: z.enum(RUN_STATES),
  created: count,
  /** What the one who asks may do. */
  role: z.enum(ROLES),
  /** Null where it has none, or that has ended. */
  terminal: z
    .object({
      command: z.string().max(MAX_COMMAND),
      since: count.nullable(),
      use: use.nullable(),
    })
    .nullable(),
  /** Who looks at it: null for the machine's own user. */
  attached: z.array(z.object({ name: name.nullable(), count })).max(MAX_ONLOOKERS),
  agents: z.array(loadedAgent).max(MAX_LOADED_AGENTS),
  /** It is run for another node's session. */
  hosted: z.object({ home: name, node: name, agent: identifier }).optional(),
});
export type LoadedSession = z.infer<typeof loadedSession>;

/** One node's sessions that run, as much of them as the one who asks may see. */
export const nodeLoad = z.object({
  peer: name,
  node: name,
  now: count,
  sessions: z.array(loadedSession).max(MAX_LOADED),
  /** Sessions that run and found no room here. */
  more: count,
  /** Sessions that have ended. */
  ended: count,
  /** For who owns a session there: the machine, and what Skein itself takes of it. */
  machine: z
    .object({
      cores: count,
      /** Bytes. */
      memory: count,
      free: count,
      /** Of the last minute; null where the system does not tell. */
      load: z.number().min(0).nullable(),
      node: use,
      hosts: use,
    })
    .optional(),
});
export type NodeLoad = z.infer<typeof nodeLoad>;

/** Another node: what it told last, and how long ago; `error` says why it tells nothing now. */
export interface AwayLoad {
  peer: string;
  node: string;
  reachable: boolean;
  /** Milliseconds since it told that. */
  age: number | null;
  error?: string;
  load?: NodeLoad;
}

export interface LoadAnswer {
  here: NodeLoad;
  /** Empty unless `everywhere` was asked for. */
  away: AwayLoad[];
}

export interface LoadAsks {
  load: { body: z.infer<typeof loadAsks.load>; answer: LoadAnswer };
}

/** What another node tells, cut to what has room. Throws `bad_frame`. */
export function loadedByFar(told: unknown): NodeLoad {
  const { success, data } = nodeLoad.safeParse((told as { here?: unknown } | null)?.here);
  if (!success) throw new SkeinError('bad_frame', 'What that node says of its load makes no sense.');
  return within(data, MAX_LOAD);
}

/** The first sessions that have room in so many characters of JSON; the others are counted. */
export function within(load: NodeLoad, room: number): NodeLoad {
  let left = room;
  const kept = load.sessions.findIndex((one) => {
    left -= JSON.stringify(one).length + 1;
    return left < 0;
  });
  if (kept < 0) return load;
  return { ...load, sessions: load.sessions.slice(0, kept), more: load.more + load.sessions.length - kept };
}
