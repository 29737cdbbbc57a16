/** A session's decisions that only agents ask for by their tools, or the node because of them (rules N1, N2). Pure. */
import { MAX_QUEUE } from '@skein/protocol/agents/limits';
import { isAlive } from '@skein/protocol/agents/state';
import { SkeinError } from '@skein/protocol/errors';
import type { SessionState } from '@skein/protocol/sessions/state';
import type { ToolCommands } from '@skein/protocol/tools/commands';
import type { ToolEvents } from '@skein/protocol/tools/events';
import { LIMIT_TOLD_MS } from '@skein/protocol/tools/limits';
import { agentHandlers } from '../agents/decide.ts';
import type { DecideContext, Decision } from '../kernel/types.ts';
import type { Giver } from '../members/givers.ts';

export const toolHandlers: {
  [K in keyof ToolCommands]: (
    state: SessionState,
    body: ToolCommands[K],
    giver: Giver,
    ctx: DecideContext,
  ) => Decision;
} = {
  'agent.report': report,
};

/** Told to who has started it; one that is at something learns of it by `wait`, and is not interrupted with it. */
function report(
  state: SessionState,
  { prompt, ok, text, data }: ToolCommands['agent.report'],
  giver: Giver,
  ctx: DecideContext,
): Decision {
  if (giver.is !== 'agent') throw new SkeinError('bad_request', 'Only an agent reports, by its tools.');
  const { agent, name, above = [] } = giver.agent;
  const reported = { agent, ok, text, ...(data === undefined ? {} : { data }) };
  const events: { type: string; body: unknown }[] = [{ type: 'agent.reported', body: reported }];
  const [first = ''] = above;
  const parent = Object.hasOwn(state.agents, first) ? state.agents[first] : undefined;
  const told = parent !== undefined && isAlive(parent) && parent.turn === null;
  if (told && parent.queue.length < MAX_QUEUE) {
    const words = `Report from ${name}${ok ? '' : ', which could not do it'}:\n\n${text}`;
    const parts = [{ type: 'text' as const, text: words }];
    const queued = agentHandlers['prompt.queue'](state, { agent: parent.agent, prompt, parts }, giver, ctx);
    events.push(...(queued.events ?? []));
  }
  return { events, reply: { to: parent?.name ?? null, told } };
}

/** Decides a command of the node's own; undefined for one that is not about tools. */
export function toolCommand(
  state: SessionState,
  type: string,
  body: unknown,
  { now }: DecideContext,
): Decision | undefined {
  if (type !== 'limit.tell') return undefined;
  const reached = body as ToolEvents['limit.reached'];
  const agent = Object.hasOwn(state.agents, reached.agent) ? state.agents[reached.agent] : undefined;
  const before = agent?.limited?.[reached.which];
  if (agent === undefined || (before !== undefined && now - before < LIMIT_TOLD_MS)) return {};
  return { events: [{ type: 'limit.reached', body: reached }] };
}
