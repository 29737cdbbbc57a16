/** An agent as a command means it, and what a command may not do to one that is not so. Pure. */
import type { AgentState } from '@skein/protocol/agents/state';
import { SkeinError } from '@skein/protocol/errors';
import type { SessionState } from '@skein/protocol/sessions/state';

/** Throws `not_found`. */
export function agentIn(state: SessionState, id: string): AgentState {
  const agent = Object.hasOwn(state.agents, id) ? state.agents[id] : undefined;
  if (agent === undefined)
    throw new SkeinError('not_found', `There is no agent ${id} in session "${state.name}".`, {
      agents: Object.values(state.agents).map(({ agent: one, name }) => ({ agent: one, name })),
    });
  return agent;
}

/** Throws `not_running`, with what to do. */
export function notRunning(state: SessionState, { name, life }: AgentState): SkeinError {
  return new SkeinError(
    'not_running',
    `Agent "${name}" is ${life}. Start it again: skein restart ${state.name}/${name}`,
    { life },
  );
}
