/** What a session is, as a pure function of its events (rule L5). Events of unknown types are passed over (L7). */
import { type Agents, isAlive, NO_AGENTS, reduceAgents } from '../agents/state.ts';
import type { ComposeLabel } from '../compose/label.ts';
import { type FarPart, NO_FAR, reduceFar } from '../machines/far.ts';
import { type HostedPart, NOT_HOSTED, reduceHosted } from '../machines/hosted.ts';
import { isLost } from '../machines/words.ts';
import { type Membership, reduceMembership } from '../members/state.ts';
import type { Who } from '../members/who.ts';
import { NO_QUESTIONS, type QuestionsPart, reduceQuestions } from '../questions/state.ts';
import { NO_TASKS, reduceTasks, type TasksPart } from '../tasks/state.ts';
import { reduceTools } from '../tools/reduce.ts';
import { NO_NOTES, type Notes, reduceNotes } from '../workspaces/notes.ts';
import type { PlacedIn, SandboxClaim } from '../workspaces/placed.ts';
import type { SessionEvents, StoredEvent } from './events.ts';

export const RUN_STATES = ['starting', 'running', 'exited', 'failed', 'lost'] as const;
export type RunState = (typeof RUN_STATES)[number];

export interface Run {
  run: string;
  state: RunState;
  cols: number;
  rows: number;
  host?: string;
  pid?: number;
  start?: string;
  startedAt?: number;
  endedAt?: number;
  code?: number | null;
  signal?: number | null;
  bytes?: number;
  why?: string;
}

export interface SessionState
  extends Membership,
    Agents,
    Notes,
    FarPart,
    HostedPart,
    TasksPart,
    QuestionsPart {
  id: string;
  name: string;
  argv: string[];
  cwd: string;
  /** Where its program works, if that is in a workspace; its agents tell themselves. */
  workspace?: PlacedIn | undefined;
  sandbox?: SandboxClaim | undefined;
  /** Absent where no compose file made it. */
  compose?: ComposeLabel | undefined;
  created: number;
  removed: boolean;
  /** The present run, or the last one. */
  run: Run | null;
  /** Who typed last, as far as it was recorded. */
  typist: { run: string; by: Who } | null;
}

/** Reducer version: raise it when the same events give another state. */
export const SESSION_REDUCER = 9;

export function emptySession(id: string): SessionState {
  return {
    id,
    name: '',
    argv: [],
    cwd: '',
    created: 0,
    removed: false,
    run: null,
    typist: null,
    members: {},
    tickets: {},
    ...NO_AGENTS,
    ...NO_NOTES,
    ...NO_FAR,
    ...NOT_HOSTED,
    ...NO_TASKS,
    ...NO_QUESTIONS,
  };
}

/**
 * The state of an earlier reducer as this one would have it: before the second there were no members, before the third no agents,
 * before the fourth nothing of workspaces. Before the fifth nothing was kept of what agents offer; those that run tell it again.
 * Before the sixth no agent was on another machine; before the seventh none directed others, and there were no tasks and questions.
 * Before the eighth nothing was kept of when agents' runs ended; before the ninth a prompt was its first writer's, whoever had edited it,
 * and nothing was kept of what removed agents had used.
 */
export function migrateSession(state: unknown, version: number): SessionState | undefined {
  return version >= 1 && version < SESSION_REDUCER
    ? { ...emptySession(''), ...(state as Partial<SessionState>) }
    : undefined;
}

type Body<K extends keyof SessionEvents> = SessionEvents[K];

/** The state after one more event, that at `offset`. Never changes the state it is given. */
export function reduceSession(state: SessionState, event: StoredEvent, offset: number): SessionState {
  switch (event.type as keyof SessionEvents) {
    case 'session.created': {
      const body = event.body as Body<'session.created'>;
      return { ...state, ...body, created: event.at };
    }
    case 'session.renamed':
      return { ...state, name: (event.body as Body<'session.renamed'>).name };
    case 'session.removed':
      return { ...state, removed: true };
    case 'run.requested': {
      const { run, cols, rows } = event.body as Body<'run.requested'>;
      return { ...state, run: { run, cols, rows, state: 'starting' } };
    }
    case 'run.started': {
      const { run, host, pid, start } = event.body as Body<'run.started'>;
      return onRun(state, run, { state: 'running', host, pid, start, startedAt: event.at });
    }
    case 'run.failed': {
      const { run, message } = event.body as Body<'run.failed'>;
      return onRun(state, run, { state: 'failed', why: message, endedAt: event.at });
    }
    case 'run.exited': {
      const { run, code, signal, bytes } = event.body as Body<'run.exited'>;
      return onRun(state, run, { state: 'exited', code, signal, bytes, endedAt: event.at });
    }
    case 'run.lost': {
      const { run, why } = event.body as Body<'run.lost'>;
      return onRun(state, run, { state: 'lost', why, endedAt: event.at });
    }
    case 'run.typed': {
      const { run, by } = event.body as Body<'run.typed'>;
      return { ...state, typist: { run, by } };
    }
    case 'run.signalled':
      return state;
    default:
      return reduceMachines(
        reduceNotes(
          reduceTools(
            reduceAgents(reduceWork(reduceMembership(state, event), event), event, offset),
            event,
            offset,
          ),
          event,
        ),
        event,
      );
  }
}

/** Before the agents, whose turns that end are to be known still. */
function reduceWork(state: SessionState, event: StoredEvent): SessionState {
  return reduceQuestions(reduceTasks(state, event), event);
}

function reduceMachines(state: SessionState, event: StoredEvent): SessionState {
  return reduceHosted(reduceFar(state, event), event);
}

function onRun(state: SessionState, run: string, change: Partial<Run>): SessionState {
  return state.run?.run === run ? { ...state, run: { ...state.run, ...change } } : state;
}

/**
 * What a session is at, of its program and its agents together: it runs as long as one of them does; else it is as its
 * program is, or where it has none, as its agents are. One on another machine that nothing said here reaches any more is lost.
 */
export function stateOf(session: Pick<SessionState, 'run' | 'agents' | 'far'>): RunState {
  const all = Object.values(session.agents);
  const lost = all.filter((one) => isAlive(one) && isLost(session.far[one.agent]));
  const agents = lost.length === 0 ? all : all.filter((one) => !lost.includes(one));
  const program = session.run?.state;
  if (program === 'running' || agents.some(({ life }) => life === 'running')) return 'running';
  if (program === 'starting' || agents.some(isAlive)) return 'starting';
  if (program !== undefined) return program;
  if (lost.length > 0) return 'lost';
  // Those that it had were removed.
  if (agents.length === 0) return 'exited';
  return agents.some(({ life }) => life === 'exited' || life === 'stopped') ? 'exited' : 'failed';
}
