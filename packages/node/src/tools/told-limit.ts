/** The limit on what agents tell each other, and that one was reached, told (rule N2). Pure. */
import type { AgentState, Agents } from '@skein/protocol/agents/state';
import type { ToolEvents } from '@skein/protocol/tools/events';
import { LIMIT_TOLD_MS, MAX_PROMPTS_A_MINUTE, PROMPT_WINDOW_MS } from '@skein/protocol/tools/limits';
import type { NewEvent } from '../kernel/types.ts';

/** Whether it may have another agent prompted now. */
export function mayPrompt({ gave }: Pick<AgentState, 'gave'>, now: number): boolean {
  return gave === undefined || now - gave.since >= PROMPT_WINDOW_MS || gave.n < MAX_PROMPTS_A_MINUTE;
}

/** The people of the session are told, if not each time. */
export function limitTold(
  { agents }: Pick<Agents, 'agents'>,
  reached: ToolEvents['limit.reached'],
  now: number,
): NewEvent[] {
  const agent = Object.hasOwn(agents, reached.agent) ? agents[reached.agent] : undefined;
  const before = agent?.limited?.[reached.which];
  if (agent === undefined || (before !== undefined && now - before < LIMIT_TOLD_MS)) return [];
  return [{ type: 'limit.reached', body: reached }];
}
