/** What home tells an agent on another machine, as events (rule X3): in order, a bounded number that is not heard yet. Pure. */
import { isAlive } from '@skein/protocol/agents/state';
import { SkeinError } from '@skein/protocol/errors';
import type { Far } from '@skein/protocol/machines/far';
import { MAX_UNHEARD } from '@skein/protocol/machines/limits';
import type { SessionState } from '@skein/protocol/sessions/state';
import { reduceSession } from '@skein/protocol/sessions/state';
import type { DecideContext, Decision, NewEvent } from '../../kernel/types.ts';

/** The agent's part on another machine; undefined for one of this machine. */
export function farOf({ far }: Pick<SessionState, 'far'>, agent: string): Far | undefined {
  return Object.hasOwn(far, agent) ? far[agent] : undefined;
}

/** Throws `lease_lost` where nothing that is said here reaches it. */
export function checkLeased(state: SessionState, agent: string): void {
  const far = farOf(state, agent);
  const name = state.agents[agent]?.name ?? agent;
  if (far === undefined || far.unleased === null) return;
  throw new SkeinError(
    'lease_lost',
    `"${name}" on ${far.node} is not commanded from here any more: ${far.unleased} To take it back: skein restart ${state.name}/${name}`,
  );
}

/** Throws `lease_lost`, and `mailbox_full` where too much waits. */
export function told(state: SessionState, agent: string, type: string, body: unknown): NewEvent {
  checkLeased(state, agent);
  const far = farOf(state, agent) as Far;
  const name = state.agents[agent]?.name ?? agent;
  if (far.unheard.length >= MAX_UNHEARD)
    throw new SkeinError(
      'mailbox_full',
      `${far.node} cannot be reached, and ${MAX_UNHEARD} requests wait for "${name}" already.`,
    );
  return { type: 'far.told', body: { agent, n: far.n + 1, type, body } };
}

/** A decision after which an idle agent has been handed its next prompt (A4): up to then it can be edited and cancelled. */
export function giving(state: SessionState, agent: string, decision: Decision, ctx: DecideContext): Decision {
  const { events = [] } = decision;
  const next = nextFor(after(state, events, ctx), agent);
  return next === undefined ? decision : { ...decision, events: [...events, next] };
}

/** The state once these have been recorded. */
export function after(
  state: SessionState,
  events: readonly NewEvent[],
  { now, by, offset }: DecideContext,
): SessionState {
  return events.reduce(
    (s, { type, body, by: whose = by, copied }, i) =>
      reduceSession(
        s,
        {
          ...{ type, body, by: whose, at: copied?.at ?? now },
          ...(copied === undefined ? {} : { source: copied.source }),
        },
        offset + i + 1,
      ),
    state,
  );
}

function nextFor(state: SessionState, id: string): NewEvent | undefined {
  const far = farOf(state, id);
  const agent = state.agents[id];
  const first = agent?.queue[0];
  if (far === undefined || agent === undefined || first === undefined) return undefined;
  const { life, run, turn, stopping, queue } = agent;
  const idle = life === 'running' && run?.ready === true && !run.ended && turn === null && !stopping;
  const heard = far.leased && far.link === 'up' && far.unheard.length < MAX_UNHEARD;
  if (!idle || !heard || queue.some(({ prompt }) => prompt === far.given)) return undefined;
  // Its parts are in the event at that offset: they are read when it is told.
  return told(state, id, 'prompt.queue', { agent: id, prompt: first.prompt, offset: first.offset });
}

/** Whether it has been handed over, so that it can be neither edited nor cancelled here. */
export function isGiven(state: SessionState, agent: string, prompt: string): boolean {
  return farOf(state, agent)?.given === prompt;
}

/** Agents elsewhere that run or will run, and can be told something from here. */
export function commanded(state: SessionState): string[] {
  const can = (far: Far | undefined) => far?.unleased === null && far.unheard.length < MAX_UNHEARD;
  return Object.values(state.agents)
    .filter((agent) => isAlive(agent) && can(farOf(state, agent.agent)))
    .map(({ agent }) => agent);
}
