/**
 * A session's decisions about what its agents' drivers tell, and about how their processes fare (rules A2, A6, K4). Pure.
 * These commands are the node's own.
 */
import type { AgentEvent } from '@skein/protocol/agents/events';
import type { AgentLifeEvents } from '@skein/protocol/agents/life-events';
import { ofRun } from '@skein/protocol/agents/reduce';
import { reduceAgents } from '@skein/protocol/agents/state';
import { SkeinError } from '@skein/protocol/errors';
import type { SessionState } from '@skein/protocol/sessions/state';
import type { Cell, DecideContext, Decision, EffectOutcome, NewEvent } from '../kernel/types.ts';
import { markRun } from '../sessions/mark-run.ts';
import { afterEnd, ending, startAgain } from './decide-life.ts';
import { beginning } from './driver-cells.ts';
import type { AgentStarted } from './effects-wanted.ts';

/** Milliseconds that one that was stopped before it had started has to end by itself. */
const GRACE_MS = 5_000;

/** One step of a run's driver: what it means, and what is kept of it, in one transaction (A2). */
export interface AgentStepped {
  run: string;
  events: (AgentEvent | PolicyAnswer | NewEvent)[];
  cells: Cell[];
  /** The prompt that the step began with: only if it still waits, as it was read. */
  prompt?: { prompt: string; offset: number };
  /** It could not be driven, so that its end is a failure however it exits. */
  deaf?: boolean;
}

/** An answer that nobody had to give. */
export interface PolicyAnswer {
  type: 'approval.answered';
  body: AgentLifeEvents['approval.answered'];
}

export function stepped(
  state: SessionState,
  { run, events, cells, prompt, deaf = false }: AgentStepped,
  ctx: DecideContext,
): Decision {
  const agent = ofRun(state, run);
  if (agent === undefined || agent.run?.ended !== false)
    throw new SkeinError('gone', `Run ${run} is no agent's present one.`);
  if (prompt !== undefined) {
    const waits = agent.queue.some((one) => one.prompt === prompt.prompt && one.offset === prompt.offset);
    if (!waits) throw new SkeinError('gone', 'That prompt was changed or cancelled meanwhile.');
  }
  const exited = events.find(({ type }) => type === 'agent.exited');
  if (exited === undefined) return { events, cells };
  const { code, signal } = exited.body as { code: number | null; signal: number | null };
  return over(state, agent.agent, events, cells, ctx, deaf || code !== 0 || signal !== null);
}

/** Its host has ended without telling how the process did; `events` is what its driver makes of that. */
export function vanished(
  state: SessionState,
  { run, events, cells, why }: AgentStepped & { why: string },
  ctx: DecideContext,
): Decision {
  const agent = ofRun(state, run);
  if (agent === undefined || agent.run?.ended !== false) return {};
  const lost = { type: 'agent.lost', body: { agent: agent.agent, run, why } };
  return over(state, agent.agent, [...events, lost], cells, ctx, true);
}

/** The rest until `until` has lasted long enough, whatever the clock says now; of another so many milliseconds may be left. */
export function again(
  state: SessionState,
  { agent: id, run, until }: { agent: string; run: string; until?: number },
  now: number,
): Decision {
  const agent = Object.hasOwn(state.agents, id) ? state.agents[id] : undefined;
  if (agent === undefined || agent.life !== 'resting') return {};
  const left = (agent.until ?? now) - now;
  if (left > 0 && agent.until !== until) return { reply: { left } };
  const asked = agent.next;
  if (asked !== null) return startAgain(state, agent, { ...asked, attempt: 0 });
  return startAgain(state, agent, { run, fresh: false, attempt: agent.attempt });
}

/** Nothing has come from an agent for a while. */
export function quiet(state: SessionState, { run, ms }: { run: string; ms: number }): Decision {
  const agent = ofRun(state, run);
  if (agent === undefined || agent.stuck || agent.run?.ended !== false) return {};
  const { agent: id, turn } = agent;
  if (turn === null && agent.run.ready) return {};
  return { events: [{ type: 'agent.stuck', body: { agent: id, run, turn: turn?.turn ?? null, quiet: ms } }] };
}

/** How the start of an agent's process has ended. */
export function startOutcome(state: SessionState, effect: EffectOutcome, ctx: DecideContext): Decision {
  const run = effect.id;
  const agent = ofRun(state, run);
  if (agent === undefined || agent.life !== 'starting' || agent.run?.host !== undefined) return {};
  const id = agent.agent;
  if (effect.status === 'done') {
    const { host, ...rest } = effect.value as AgentStarted;
    const { pid, start } = rest;
    const shown = state.run?.run === run ? [{ type: 'run.started', body: { run, host, pid, start } }] : [];
    const events = [...shown, { type: 'agent.started', body: { agent: id, run, host, ...rest } }];
    const tell = shown.length === 0 ? [] : markRun(state, run, 'running');
    // Empty until its driver has begun: of a run whose cell is missing nothing is known any more (L9).
    const cells = [beginning(run)];
    if (!agent.stopping) return { events, cells, tell };
    return { events, cells, tell, effects: ending(state, id, { run, host }, GRACE_MS) };
  }
  const { code, message } =
    effect.status === 'failed'
      ? effect.error
      : { code: 'host_lost', message: 'It is not known whether it was started.' };
  const lost = code === 'host_lost';
  const event = lost
    ? { type: 'agent.lost', body: { agent: id, run, why: message } }
    : { type: 'agent.failed', body: { agent: id, run, code, message } };
  const begun = state.run?.run === run && state.run.state === 'starting';
  const shown = begun
    ? [
        lost
          ? { type: 'run.lost', body: { run, why: message } }
          : { type: 'run.failed', body: { run, code, message } },
      ]
    : [];
  const tell = begun ? markRun(state, run, lost ? 'lost' : 'failed') : [];
  if (!lost) return { events: [...shown, event], tell };
  return { ...over(state, id, [...shown, event], [], ctx, true), tell };
}

/** The end of a run, and what follows it. */
function over(
  state: SessionState,
  id: string,
  events: readonly NewEvent[],
  cells: Cell[],
  ctx: DecideContext,
  failed: boolean,
): Decision {
  let after = state;
  let { offset } = ctx;
  for (const { type, body, by = ctx.by } of events)
    after = reduceAgents(after, { type, body, at: ctx.now, by }, ++offset);
  const agent = after.agents[id];
  const next = agent === undefined ? {} : afterEnd(after, agent, ctx.now, failed);
  return { events: [...events, ...(next.events ?? [])], effects: next.effects ?? [], cells };
}
