/** What is done for a task called off: its prompt while that waits, else its turn, wherever the agent is (rules N3, A4, X3). Pure. */
import { SkeinError } from '@skein/protocol/errors';
import type { SessionState } from '@skein/protocol/sessions/state';
import type { Task } from '@skein/protocol/tasks/state';
import type { NewEvent } from '../kernel/types.ts';
import { farOf, isGiven, told } from '../machines/home/telling.ts';

export function callingOff(state: SessionState, { given }: Task): NewEvent[] {
  const agent =
    given === null || !Object.hasOwn(state.agents, given.agent) ? undefined : state.agents[given.agent];
  if (given === null || agent === undefined) return [];
  const { agent: id, queue, turn } = agent;
  const { prompt } = given;
  if (queue.some((one) => one.prompt === prompt)) {
    const cancelled = { type: 'prompt.cancelled', body: { agent: id, prompt } };
    // Its machine may have begun by now: then that turn ends by itself, and nobody waits for it.
    return isGiven(state, id, prompt)
      ? [...toldFar(state, id, 'prompt.cancel', { agent: id, prompt }), cancelled]
      : [cancelled];
  }
  if (turn?.prompt !== prompt || turn.cancelling) return [];
  const body = { agent: id, turn: turn.turn };
  if (farOf(state, id) === undefined) return [{ type: 'turn.cancelling', body }];
  return toldFar(state, id, 'turn.cancel', body);
}

/** Nothing where its machine cannot be told. */
function toldFar(state: SessionState, agent: string, type: string, body: object): NewEvent[] {
  try {
    return [told(state, agent, type, body)];
  } catch (thrown) {
    if (thrown instanceof SkeinError) return [];
    throw thrown;
  }
}
