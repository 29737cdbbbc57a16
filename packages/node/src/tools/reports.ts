/**
 * Results that agents report: told to whoever has started them, at once, by `wait`, or when that one's turn has ended (rule N1).
 * One that has given as many prompts as it may is told by `wait` alone, or at the end of a turn when it may again (N2). Pure.
 */
import { createHash } from 'node:crypto';
import type { AgentEvents } from '@skein/protocol/agents/events';
import { MAX_QUEUE } from '@skein/protocol/agents/limits';
import { ofRun } from '@skein/protocol/agents/reduce';
import { type AgentState, isAlive } from '@skein/protocol/agents/state';
import { SkeinError } from '@skein/protocol/errors';
import { idOf } from '@skein/protocol/ids';
import type { SessionState } from '@skein/protocol/sessions/state';
import type { ToolCommands } from '@skein/protocol/tools/commands';
import type { ToolEvents } from '@skein/protocol/tools/events';
import { MAX_PROMPTS_A_MINUTE } from '@skein/protocol/tools/limits';
import { agentHandlers } from '../agents/decide.ts';
import type { DecideContext, Decision, NewEvent } from '../kernel/types.ts';
import { after } from '../machines/home/telling.ts';
import type { Giver } from '../members/givers.ts';
import { limitTold, mayPrompt } from './told-limit.ts';

type Reported = Pick<ToolEvents['agent.reported'], 'ok' | 'text'> & { cut?: number };

export function report(
  state: SessionState,
  { prompt, ok, text, data }: ToolCommands['agent.report'],
  giver: Giver,
  ctx: DecideContext,
): Decision {
  if (giver.is !== 'agent') throw new SkeinError('bad_request', 'Only an agent reports, by its tools.');
  const { agent, name, above = [] } = giver.agent;
  const [first = ''] = above;
  const parent = Object.hasOwn(state.agents, first) ? state.agents[first] : undefined;
  const free = parent !== undefined && isFree(parent);
  const told = free && mayPrompt(giver.agent, ctx.now);
  const body = { agent, ok, text, ...(data === undefined ? {} : { data }), ...(told ? { told } : {}) };
  const events: NewEvent[] = [{ type: 'agent.reported', body }];
  const reply = { to: parent?.name ?? null, told };
  if (!free) return { events, reply };
  if (!told) {
    events.push(...limitTold(state, reached(agent), ctx.now));
    return { events, reply: { ...reply, limit: MAX_PROMPTS_A_MINUTE } };
  }
  // An earlier one that was kept from it is not worth telling any more.
  if (parent.unread?.includes(agent))
    events.push({ type: 'reports.seen', body: { agent: first, of: [agent] } });
  return { events: [...events, ...prompted(state, parent, prompt, inWords(name, { ok, text }), ctx)], reply };
}

/** By the node: `wait` has told an agent what those have reported. */
export function seen(state: SessionState, { agent, of }: ToolEvents['reports.seen']): Decision {
  const unread = (Object.hasOwn(state.agents, agent) ? state.agents[agent] : undefined)?.unread ?? [];
  const now = of.filter((one) => unread.includes(one));
  return now.length === 0 ? {} : { events: [{ type: 'reports.seen', body: { agent, of: now } }] };
}

/** A decision in which a turn ends: what was reported to its agent meanwhile, and it has not seen, becomes its next prompt. */
export function reporting(before: SessionState, decision: Decision, ctx: DecideContext): Decision {
  const { events = [] } = decision;
  const ended = events.find(({ type }) => type === 'turn.ended');
  if (ended === undefined) return decision;
  const { run, reason } = ended.body as AgentEvents['turn.ended'];
  const id = ofRun(before, run)?.agent ?? '';
  // Whoever has cancelled it wants it to stop.
  if (reason === 'cancelled' || !before.agents[id]?.unread?.length) return decision;
  const now = after(before, events, ctx);
  const agent = now.agents[id];
  if (agent === undefined || !isFree(agent)) return decision;
  const unread = agent.unread ?? [];
  const over = unread.filter((one) => {
    const from = now.agents[one];
    return from !== undefined && !mayPrompt(from, ctx.now);
  });
  const limits = over.flatMap((one) => limitTold(now, reached(one), ctx.now));
  const of = unread.filter((one) => !over.includes(one));
  if (of.length === 0) return { ...decision, events: [...events, ...limits] };
  const words = of.flatMap((one) => {
    const { name, reported } = now.agents[one] ?? {};
    return name === undefined || reported === undefined ? [] : [inWords(name, reported)];
  });
  const seenNow: ToolEvents['reports.seen'] = {
    agent: id,
    of,
    ...(words.length > 0 ? { prompted: true } : {}),
  };
  const told: NewEvent[] = [...limits, { type: 'reports.seen', body: seenNow }];
  const prompt = idOf(createHash('sha256').update(`reports ${id} ${ctx.offset}`).digest());
  if (words.length > 0) told.push(...prompted(now, agent, prompt, words.join('\n\n'), ctx));
  return { ...decision, events: [...events, ...told] };
}

function reached(agent: string): ToolEvents['limit.reached'] {
  return { agent, which: 'prompts', limit: MAX_PROMPTS_A_MINUTE };
}

/** It is at nothing, and a prompt would begin a turn. */
function isFree(agent: AgentState): boolean {
  return isAlive(agent) && !agent.stopping && agent.turn === null && agent.queue.length < MAX_QUEUE;
}

function prompted(
  state: SessionState,
  { agent }: AgentState,
  prompt: string,
  text: string,
  ctx: DecideContext,
): readonly NewEvent[] {
  const body = { agent, prompt, parts: [{ type: 'text' as const, text }] };
  return (
    agentHandlers['prompt.queue'](state, body, { is: 'local' }, { ...ctx, facts: undefined }).events ?? []
  );
}

function inWords(name: string, { ok, text, cut }: Reported): string {
  const more = cut === undefined ? '' : ` … (${cut - text.length} characters more: "transcript" tells them)`;
  return `Report from ${name}${ok ? '' : ', which could not do it'}:\n\n${text}${more}`;
}
