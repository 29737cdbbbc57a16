/** A session's decisions about the life of its agents: added, stopped, started again (rules A3, A6, K3). Pure. */
import type { AgentCommands, AgentSpec } from '@skein/protocol/agents/commands';
import { MAX_AGENTS } from '@skein/protocol/agents/limits';
import { type AgentState, isAlive } from '@skein/protocol/agents/state';
import { SkeinError } from '@skein/protocol/errors';
import type { NewEvent as NewSessionEvent, SessionEvents } from '@skein/protocol/sessions/events';
import type { SessionState } from '@skein/protocol/sessions/state';
import { freeName } from '../actors/free-name.ts';
import type { Decision, Effect } from '../kernel/types.ts';
import type { Giver } from '../members/givers.ts';
import { notAllowed } from '../members/refusals.ts';
import { askForIds } from '../sessions/known-ids.ts';
import { lineageOf } from '../tools/lineage.ts';
import type { PlaceAgent, PlaceFacts, Placement } from '../workspaces/place.ts';
import {
  CLEAR_AGENT,
  type ClearAgent,
  START_AGENT,
  STOP_AGENT,
  type StartAgent,
  type StopAgent,
} from './effects-wanted.ts';
import { agentIn, notRunning } from './find.ts';

type AgentEvent = NewSessionEvent<SessionEvents>;

/** Milliseconds that one that is restarted has to end by itself. */
const RESTART_GRACE_MS = 5_000;

/** Where it is to work, as the node has decided. */
export interface AgentPlaced {
  spec: AgentSpec;
  placement: Placement;
}

/** An agent for a workspace: which directory that is, and whether it gets a worktree, is the node's to say, in the same transaction. */
export function askForPlace(
  state: SessionState,
  spec: AgentSpec,
  giver: Giver,
  facts: PlaceFacts,
  by: unknown,
): Decision {
  // Workspaces are the machine's user's, and their set-up runs programs; an agent's node has looked which one it means.
  if (giver.is !== 'local' && giver.is !== 'agent')
    throw notAllowed('node-owner', giver.is === 'member' ? giver.standing.role : 'stranger');
  // What cannot be had at all is refused before.
  const { reply } = addAgent(state, spec, undefined, by);
  const { name } = reply as { name: string };
  const body: PlaceAgent = { ...facts, session: state.id, spec: { ...spec, name } };
  return { tell: [{ target: 'node', type: 'agent.place', body }], reply };
}

export function addAgent(state: SessionState, spec: AgentSpec, place?: Placement, by?: unknown): Decision {
  const { agent, run, definition, name: wish, args = [], env, mode, model, resume, pty } = spec;
  const all = Object.values(state.agents);
  const lineage = lineageOf(state, { wish: spec.direct, far: spec.on !== undefined }, by);
  if (all.length >= MAX_AGENTS)
    throw new SkeinError(
      'too_large',
      `A session has ${MAX_AGENTS} agents at most. Remove one: skein rm ${state.name}/${all[0]?.name}`,
    );
  if (Object.hasOwn(state.agents, agent))
    throw new SkeinError('name_taken', `There is an agent ${agent} already.`);
  const taken = new Set(all.map((one) => one.name));
  if (wish !== undefined && taken.has(wish))
    throw new SkeinError('name_taken', `There is an agent "${wish}" in session "${state.name}" already.`);
  const name = wish ?? freeName(definition, 'agent', taken);
  const unknown = askForIds(state, run, agent);
  const cwd = place?.cwd ?? spec.cwd ?? state.cwd;
  const added = {
    ...{ agent, name, definition, cwd },
    ...(args.length === 0 ? {} : { args }),
    ...(pty === undefined ? {} : { pty: true }),
    ...(place === undefined ? {} : { workspace: place.workspace }),
    ...(spec.compose === undefined ? {} : { compose: spec.compose }),
    ...lineage,
  };
  const starting = begin({ agent, run, resume: resume ?? null, attempt: 0, mode, model });
  const body: StartAgent = { session: state.id, agent, run, definition, cwd, args, env: env ?? null };
  if (place !== undefined) body.workspace = place.workspace.id;
  if (pty !== undefined) {
    checkTerminalFree(state);
    body.pty = pty;
  }
  return {
    events: [{ type: 'agent.added', body: added }, ...terminalFor(body), starting],
    effects: [{ id: run, kind: START_AGENT, body }],
    tell: [unknown],
    reply: { agent, name, run },
  };
}

export function stopAgent(state: SessionState, { agent: id, grace }: AgentCommands['agent.stop']): Decision {
  const agent = agentIn(state, id);
  const events: AgentEvent[] = [{ type: 'agent.stopping', body: { agent: id } }];
  const reply = { agent: id, name: agent.name };
  if (agent.life === 'resting') return { events, reply };
  if (!isAlive(agent)) throw notRunning(state, agent);
  return { events, effects: ending(state, id, agent.run, grace), reply };
}

/** Every agent is about to end with its host, because somebody wants everything ended: none is to be started again. */
export function haltAgents({ agents, far }: SessionState): Decision {
  const here = Object.values(agents).filter(({ agent }) => !Object.hasOwn(far, agent));
  const alive = here.filter((agent) => isAlive(agent) && !agent.stopping);
  return { events: alive.map(({ agent }) => ({ type: 'agent.stopping', body: { agent } })) };
}

export function restartAgent(
  state: SessionState,
  { agent: id, run, fresh }: AgentCommands['agent.restart'],
  now: number,
): Decision {
  const agent = agentIn(state, id);
  const reply = { agent: id, name: agent.name, run };
  const tell = [askForIds(state, run)];
  if (agent.life === 'starting' || agent.life === 'running') {
    return {
      tell,
      events: [{ type: 'agent.restarting', body: { agent: id, run, fresh } }],
      effects: ending(state, id, agent.run, RESTART_GRACE_MS),
      reply,
    };
  }
  const began = { type: 'agent.restarting' as const, body: { agent: id, run, fresh } };
  const rest = fresh ? undefined : restUntilOld(agent, now);
  if (rest !== undefined) return { tell, events: [began, rest], reply };
  return { tell, ...startAgain(state, agent, { run, fresh, attempt: 0 }), reply };
}

/** When the agent's own session is old enough to be gone on with; 0 when it is, or there is none. */
function oldAt({ session, sessionAt, resumes, restart }: AgentState): number {
  const { resume = true, resumeAfter = 0 } = restart;
  return session === null || !resumes || !resume ? 0 : (sessionAt ?? 0) + resumeAfter;
}

/** One that is started again as soon as that can be with its own session; undefined when it can at once. */
function restUntilOld(agent: AgentState, now: number): AgentEvent | undefined {
  const until = oldAt(agent);
  if (until <= now) return undefined;
  return { type: 'agent.resting', body: { agent: agent.agent, until, attempt: 0 } };
}

export function removeAgent(state: SessionState, { agent: id }: AgentCommands['agent.remove']): Decision {
  const agent = agentIn(state, id);
  if (isAlive(agent))
    throw new SkeinError(
      'still_running',
      `Agent "${agent.name}" is still running. Stop it first: skein stop ${state.name}/${agent.name}, or add --force`,
    );
  return {
    events: [{ type: 'agent.removed', body: { agent: id } }],
    effects: [clear(state, agent)],
    reply: { agent: id, name: agent.name },
  };
}

/** What is kept of a session's agents outside the log goes with it. */
export function clearing(state: SessionState): Effect[] {
  return Object.values(state.agents).map((agent) => clear(state, agent));
}

export function clear({ far }: SessionState, { agent, run }: AgentState): Effect {
  // Of a run on another machine nothing is kept here, whatever that calls it.
  const here = Object.hasOwn(far, agent) ? null : (run?.run ?? null);
  const body: ClearAgent = { agent, run: here };
  return { id: `clear ${agent}`, kind: CLEAR_AGENT, body };
}

export function chooseFor(state: SessionState, id: string, what: 'mode' | 'model', value: string): Decision {
  const agent = agentIn(state, id);
  if (agent.life !== 'running') throw notRunning(state, agent);
  const body = { agent: id, what, value, n: agent.chosen.n + 1 };
  return { events: [{ type: 'agent.chosen', body }], reply: { agent: id, [what]: value } };
}

/** A new run of an agent that has none: with its own session where it can go on with that, unless `fresh`. */
export function startAgain(
  state: SessionState,
  agent: AgentState,
  { run, fresh, attempt }: { run: string; fresh: boolean; attempt: number },
): Required<Pick<Decision, 'events' | 'effects'>> {
  const resumes = agent.resumes && agent.restart.resume !== false;
  const resume = !fresh && resumes ? agent.session : null;
  const { mode, model } = { ...agent.run, ...agent.chosen };
  const { agent: id, definition, cwd, args } = agent;
  const body: StartAgent = { session: state.id, agent: id, run, definition, cwd, args, env: null };
  if (agent.bound === true && agent.workspace) body.workspace = agent.workspace.id;
  if (agent.pty === true) {
    checkTerminalFree(state);
    body.pty = { cols: state.run?.cols ?? 80, rows: state.run?.rows ?? 24 };
    if (state.run !== null) body.before = state.run.run;
  }
  const known = resume !== null;
  return {
    events: [...terminalFor(body), begin({ agent: id, run, resume, known, attempt, mode, model })],
    effects: [{ id: run, kind: START_AGENT, body }],
  };
}

/**
 * What follows the end of a run, whose events `state` has: the start that was asked for, one after a rest as its restart
 * policy says, or nothing (A6).
 */
export function afterEnd(
  state: SessionState,
  agent: AgentState,
  now: number,
  failed: boolean,
): Pick<Decision, 'events' | 'effects'> {
  if (agent.next !== null) {
    const rest = agent.next.fresh ? undefined : restUntilOld(agent, now);
    return rest === undefined ? startAgain(state, agent, { ...agent.next, attempt: 0 }) : { events: [rest] };
  }
  const { life, restart, attempt, agent: id } = agent;
  if (life === 'stopped' || restart.when === 'never' || (restart.when === 'on-failure' && !failed)) return {};
  const run = agent.run?.run ?? id;
  if (attempt >= restart.most) {
    const message = `It ended ${attempt + 1} times in a row without finishing a turn, and is not started again.`;
    return {
      events: [{ type: 'agent.failed', body: { agent: id, run, code: 'agent_start_failed', message } }],
    };
  }
  const until = Math.max(now + restart.delay * 2 ** attempt, oldAt(agent));
  return { events: [{ type: 'agent.resting', body: { agent: id, until, attempt: attempt + 1 } }] };
}

/** A session has one terminal: it can be an agent's when nothing runs on it. */
function checkTerminalFree({ run, name }: SessionState): void {
  if (run?.state !== 'starting' && run?.state !== 'running') return;
  throw new SkeinError(
    'bad_request',
    `The terminal of session "${name}" is in use. An agent with an interface of its own begins a new session: skein run --pty`,
  );
}

/** The run of the session's terminal that an agent's is, where it is one. */
function terminalFor({ run, definition, args, cwd, pty }: StartAgent): AgentEvent[] {
  if (pty === undefined) return [];
  return [{ type: 'run.requested', body: { run, argv: [definition, ...args], cwd, ...pty } }];
}

function begin(body: {
  agent: string;
  run: string;
  resume: string | null;
  known?: boolean;
  attempt: number;
  mode: string | undefined;
  model: string | undefined;
}): AgentEvent {
  const { mode, model, ...rest } = body;
  return {
    type: 'agent.starting',
    body: { ...rest, ...(mode === undefined ? {} : { mode }), ...(model === undefined ? {} : { model }) },
  };
}

/** One whose process is being started is ended when it has: `agent.started` finds that it is to stop. */
export function ending(
  state: SessionState,
  agent: string,
  run: { run: string; host?: string } | null,
  grace: number,
): Effect[] {
  if (run?.host === undefined) return [];
  const body: StopAgent = { session: state.id, agent, run: run.run, host: run.host, grace };
  return [{ id: `stop ${run.run}`, kind: STOP_AGENT, body }];
}
