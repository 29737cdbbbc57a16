/**
 * A session's agents as a pure function of its events (rules L5, A1, A4–A6): what each is and does, what waits in its
 * queue, what it asks. What it has said is a transcript's business (transcript.ts).
 */
import type { ComposeLabel } from '../compose/label.ts';
import type { StoredEvent } from '../sessions/events.ts';
import type { Capability } from '../tools/capability.ts';
import type { Limit, ToolEvents } from '../tools/events.ts';
import type { Strength } from '../workspaces/holder.ts';
import type { PlacedIn } from '../workspaces/placed.ts';
import type { ApprovalOption, ToolKind, TurnEnd } from './events.ts';
import type { AgentLifeEvents } from './life-events.ts';
import type { Offers } from './offers.ts';
import type { PROMPT_KINDS } from './prompt-summary.ts';
import { agentReducers } from './reduce.ts';
import type { Totals, Used } from './usage.ts';

/**
 * `starting`: its process is, or it is not ready yet. `resting`: it will be started again. `stopped`: as somebody asked.
 * `exited`: by itself. `failed`: it could not be started, or is not started again.
 */
export const AGENT_LIVES = ['starting', 'running', 'resting', 'stopped', 'exited', 'failed'] as const;
export type AgentLife = (typeof AGENT_LIVES)[number];

export interface QueuedPrompt {
  prompt: string;
  /** The event that holds its parts. */
  offset: number;
  preview: string;
  /** Parts of each kind. */
  kinds: (typeof PROMPT_KINDS)[number][];
  at: number;
  /** Who has written it last. */
  by: unknown;
  /** Others whose words may be in it. */
  also?: unknown[];
}

export interface AgentRun {
  run: string;
  host?: string;
  pid?: number;
  start?: string;
  driver?: string;
  argv?: string[];
  options?: Record<string, unknown>;
  /** The agent's own session that it was started with, and whether its past is known here. */
  resume: string | null;
  known: boolean;
  mode?: string;
  model?: string;
  startedAt?: number;
  /** Of the token of its capability: its SHA-256. */
  token?: string;
  /** It may be given prompts. */
  ready: boolean;
  ended: boolean;
}

export interface RunningTurn {
  turn: string;
  prompt: string | null;
  startedAt: number;
  /** Whose prompt it is; null when the agent began it by itself. */
  by: unknown;
  /** Others whose words may be in that. */
  also?: unknown[];
  cancelling: boolean;
  usage: Totals | null;
}

/** What an agent asks of people. */
export interface Approval {
  approval: string;
  agent: string;
  run: string;
  turn: string | null;
  call: string;
  /** The agent's own name of the tool. */
  tool: string | null;
  kind: ToolKind;
  title: string;
  /** What it is to do, in the words of its input: a command, or the input's beginning. */
  detail: string | null;
  paths: string[];
  /** A digest of all that it is to do, where that is known whole. */
  same?: string;
  options: ApprovalOption[];
  /** The event that tells all of it. */
  offset: number;
  at: number;
  /** The answer that counts, until the agent has it. */
  answered: Answered | null;
  /** Somebody was called to answer it. */
  called?: true;
}

export interface Answered {
  outcome: 'allowed' | 'denied';
  option: string;
  reason?: string;
  rule?: string;
  by: unknown;
  at: number;
}

/** One that needs no answer any more. */
export interface Settled {
  approval: string;
  agent: string;
  title: string;
  how: 'allowed' | 'denied' | 'withdrawn' | 'orphaned';
  answered: Answered | null;
}

export type RestartPolicy = AgentLifeEvents['agent.started']['restart'];

/** With what its turns have used. */
export interface AgentState extends Used {
  agent: string;
  name: string;
  definition: string;
  cwd: string;
  args: string[];
  /** It shows its own interface in the session's terminal: its runs are that terminal's. */
  pty?: boolean;
  /** The workspace that it works in, none where it is absent or null; and whether it was put there, so that it works nowhere else. */
  workspace?: PlacedIn | null;
  bound?: boolean;
  compose?: ComposeLabel;
  /** The agents that it comes from, the one that started it first; absent where a person did. */
  above?: string[];
  /** What it may do with others (rule N1); nothing where it is absent or null. */
  direct?: Capability | null;
  /** Prompts that it has given others, those that its reports became too, in the minute that began at `since`. */
  gave?: { since: number; n: number };
  /** When it was told last that it has reached a limit. */
  limited?: Partial<Record<Limit, number>>;
  /** What it has reported last. */
  reported?: Pick<ToolEvents['agent.reported'], 'ok' | 'text'> & {
    /** Characters that it has in all, where only its beginning is at hand. */
    cut?: number;
    at: number;
  };
  /** Those that it has started whose last report it was not told. */
  unread?: string[];
  /** How strongly its present run is held to what others have claimed there. */
  strength?: Strength;
  added: number;
  life: AgentLife;
  /** Somebody has asked for its end. */
  stopping: boolean;
  /** How it is started again once it has ended. */
  next: { run: string; fresh: boolean } | null;
  /** The present run or the last one. */
  run: AgentRun | null;
  /** Why it does not run, or did not the last time. */
  why: string | null;
  /** When its last run ended, milliseconds since 1970; absent of runs that ended before this was kept. */
  endedAt?: number;
  exit: { code: number | null; signal: number | null } | null;
  /** When it will be started again, milliseconds since 1970. */
  until: number | null;
  attempt: number;
  stuckAfter: number;
  restart: RestartPolicy;
  /** The agent's own session, and whether a later run can go on with it. */
  session: string | null;
  /** When that began, if it did in this log; milliseconds since 1970. */
  sessionAt?: number;
  /** What a session of its own had cost in all when it told that last. */
  sessionCost?: { session: string; amount: number };
  resumes: boolean;
  turn: RunningTurn | null;
  /** Its last turn: the events that begin and end it, and how it ended. */
  last?: { turn: string; prompt: string | null; from: number; to: number | null; end: TurnEnd | null };
  /** Turns that have ended. */
  turns: number;
  stuck: boolean;
  queue: QueuedPrompt[];
  /** The ids of the last prompts that wait no longer, oldest first. */
  taken?: string[];
  /** What was chosen last, and what the agent says is in force. */
  chosen: { mode?: string; model?: string; n: number };
  mode: string | null;
  model: string | null;
  /** What its present run offers. Absent where a node of before this tells of it: see `offersOf`. */
  offers?: Offers;
}

/** An answer given for always. */
export interface Rule {
  rule: string;
  agent: string;
  answer: 'allow' | 'deny';
  tool: string;
  kind?: ToolKind | undefined;
  /** Null for whatever the tool is to do. */
  title: string | null;
  /** The digest of the one call that it is about. */
  same?: string | undefined;
  by: unknown;
}

export interface Agents {
  /** By id, in the order in which they came. */
  agents: Record<string, AgentState>;
  /** Open questions, by id. */
  approvals: Record<string, Approval>;
  /** The last ones that needed no answer any more, oldest first. */
  settled: Settled[];
  rules: Rule[];
  /** What those have used that were removed; absent while it is nothing. */
  usedGone?: Used;
}

export const NO_AGENTS: Agents = { agents: {}, approvals: {}, settled: [], rules: [] };

/** The state after one more event. Never changes the state it is given. Events that concern no agent are passed over. */
export function reduceAgents<S extends Agents>(state: S, event: StoredEvent, offset: number): S {
  const reduce = Object.hasOwn(agentReducers, event.type)
    ? agentReducers[event.type as keyof typeof agentReducers]
    : undefined;
  if (reduce === undefined) return state;
  const change = (
    reduce as (s: Agents, body: unknown, e: StoredEvent, o: number) => Partial<Agents> | undefined
  )(state, event.body, event, offset);
  return change === undefined ? state : { ...state, ...change };
}

/** What an agent does now, in one word for people: while it runs one of the last four. */
export const DOINGS = [
  'starting',
  'resting',
  'stopped',
  'exited',
  'failed',
  'idle',
  'working',
  'waiting',
  'stuck',
] as const;
export type Doing = (typeof DOINGS)[number];

export function doing(agent: AgentState, { approvals }: Pick<Agents, 'approvals'>): Doing {
  if (agent.life !== 'running') return agent.life;
  if (Object.values(approvals).some((one) => one.agent === agent.agent && one.answered === null))
    return 'waiting';
  if (agent.stuck) return 'stuck';
  if (agent.turn !== null) return 'working';
  // Whether one that shows itself in a terminal is there, whoever sits before that sees.
  return agent.run?.ready === false && agent.pty !== true ? 'starting' : 'idle';
}

/** Whether an agent has a process, or will have one without anybody's doing. */
export function isAlive({ life }: Pick<AgentState, 'life'>): boolean {
  return life === 'starting' || life === 'running' || life === 'resting';
}
