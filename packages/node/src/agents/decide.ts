/** A session's decisions about its agents: which command goes where, and what the node's index is told of it. Pure. */
import type { AgentCommands } from '@skein/protocol/agents/commands';
import { isAlive } from '@skein/protocol/agents/state';
import type { ListedAgent } from '@skein/protocol/sessions/node-state';
import { type SessionState, stateOf } from '@skein/protocol/sessions/state';
import type { DecideContext, Decision } from '../kernel/types.ts';
import { farInternal } from '../machines/home/decide-copied.ts';
import { addFar, alsoFar, haltFar } from '../machines/home/decide-far.ts';
import type { FarFacts } from '../machines/home/far-words.ts';
import { askInternal } from '../machines/worker/asking.ts';
import type { Giver } from '../members/givers.ts';
import { runsAfter } from '../sessions/after.ts';
import type { PlaceFacts } from '../workspaces/place.ts';
import { answerApproval, calledFor, removeRule } from './decide-approvals.ts';
import {
  type AgentPlaced,
  addAgent,
  askForPlace,
  chooseFor,
  haltAgents,
  removeAgent,
  restartAgent,
  stopAgent,
} from './decide-life.ts';
import { cancelPrompt, cancelTurn, editPrompt, queuePrompt } from './decide-prompts.ts';
import { again, quiet, stepped, vanished } from './decide-steps.ts';
import { checkWish } from './members-wish.ts';

export type AgentHandlers = {
  [K in keyof AgentCommands]: (
    state: SessionState,
    body: AgentCommands[K],
    giver: Giver,
    ctx: DecideContext,
  ) => Decision;
};

const handlers: AgentHandlers = {
  'agent.add': (state, body, giver, { facts, by }) => {
    checkWish(body, giver);
    if (body.on !== undefined) return addFar(state, body, giver, (facts ?? {}) as FarFacts, by);
    return body.workspace === undefined
      ? addAgent(state, body, undefined, by)
      : askForPlace(state, body, giver, facts as PlaceFacts, by);
  },
  'agent.stop': (state, body) => stopAgent(state, body),
  'agent.restart': (state, body, _giver, { now }) => restartAgent(state, body, now),
  'agent.remove': (state, body) => removeAgent(state, body),
  'agent.mode': (state, { agent, mode }) => chooseFor(state, agent, 'mode', mode),
  'agent.model': (state, { agent, model }) => chooseFor(state, agent, 'model', model),
  'prompt.queue': (state, body, _giver, { facts }) => queuePrompt(state, body, facts),
  'prompt.edit': (state, body, _giver, { facts }) => editPrompt(state, body, facts),
  'prompt.cancel': (state, body) => cancelPrompt(state, body),
  'turn.cancel': (state, body) => cancelTurn(state, body),
  'approval.answer': (state, body) => answerApproval(state, body),
  'rule.remove': (state, body) => removeRule(state, body),
};

export const agentHandlers: AgentHandlers = alsoFar(handlers);

type Internal = (state: SessionState, body: never, ctx: DecideContext) => Decision;

/** What the node itself tells a session of its agents. */
const INTERNAL: Record<string, Internal> = {
  'agent.placed': (state, { spec, placement }: AgentPlaced, { by }) => addAgent(state, spec, placement, by),
  'agent.stepped': stepped,
  'agent.vanished': vanished,
  'agent.again': (state, body: Parameters<typeof again>[1], { now }) => again(state, body, now),
  'agent.quiet': quiet,
  'agent.halted': (state, body: AgentCommands['agent.stop']) => {
    const agent = Object.hasOwn(state.agents, body.agent) ? state.agents[body.agent] : undefined;
    return agent === undefined || !isAlive(agent) ? {} : stopAgent(state, body);
  },
  'agent.halt': (state) => ({
    events: [...(haltAgents(state).events ?? []), ...(haltFar(state).events ?? [])],
  }),
  'approval.called': calledFor,
  ...farInternal,
  ...askInternal,
};

/** Decides a command of the node's own; undefined for one that is not about agents. */
export function agentCommand(
  state: SessionState,
  type: string,
  body: unknown,
  ctx: DecideContext,
): Decision | undefined {
  return Object.hasOwn(INTERNAL, type) ? INTERNAL[type]?.(state, body as never, ctx) : undefined;
}

/** A decision that also tells the node's index, if by it the session's agents, or what it is at, are others than before. */
export function indexed(before: SessionState, decision: Decision, ctx: DecideContext): Decision {
  const after = runsAfter(before, decision, ctx);
  if (after === undefined) return decision;
  const now = indexOf(after);
  if (now.agents.length === 0 && Object.keys(before.agents).length === 0) return decision;
  if (JSON.stringify(now) === JSON.stringify(indexOf(before))) return decision;
  const tell = { target: 'node', type: 'session.agents', body: { id: after.id, ...now } };
  return { ...decision, tell: [...(decision.tell ?? []), tell] };
}

function indexOf(state: SessionState): { state: ReturnType<typeof stateOf>; agents: ListedAgent[] } {
  const agents = Object.values(state.agents).map(({ agent, name, definition, life, run, next }) => ({
    ...{ agent, name, definition, life },
    run: run?.run ?? '',
    ...(next === null ? {} : { next: next.run }),
  }));
  return { state: stateOf(state), agents };
}
