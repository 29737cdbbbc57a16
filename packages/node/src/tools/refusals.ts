/** What agents are refused, in words that tell them what they may do instead (rules K5, N1, N2). Pure. */
import type { AgentState } from '@skein/protocol/agents/state';
import { SkeinError } from '@skein/protocol/errors';
import type { SessionState } from '@skein/protocol/sessions/state';
import type { Limit } from '@skein/protocol/tools/events';

export interface ReachedLimit {
  which: Limit;
  /** Whose it is. */
  of: string;
  limit: number;
}

const WORDS: Record<Limit, (limit: number, whose: string) => string> = {
  depth: () => 'You may not start agents (limit "depth"). Do it yourself, or report to whoever started you.',
  spawn: (limit, whose) =>
    `${limit} agents are alive below ${whose}, and that is the limit ("spawn"). Wait for some to finish and stop them, or do it yourself.`,
  prompts: (limit) =>
    `You have given others ${limit} prompts within a minute, and that is the limit ("prompts"). Wait for what they do first.`,
  calls: (limit) =>
    `You have called ${limit} tools within a minute, or too many at once, and that is the limit ("calls"). Use "wait" instead of asking again and again.`,
  agents: (limit) =>
    `The session has ${limit} agents, ended ones counted, and that is the limit ("agents"). Give those that are there more to do, or "ask" a person to remove some.`,
};

/** Named by the limit, so that who reads it knows which. */
export function limitReached(
  state: Pick<SessionState, 'agents'>,
  by: Pick<AgentState, 'agent'>,
  { which, of, limit }: ReachedLimit,
): SkeinError {
  const whose = of === by.agent ? 'you' : `"${state.agents[of]?.name ?? of}", which you come from,`;
  return new SkeinError('limit_reached', WORDS[which](limit, whose), { rule: 'N2', which, limit, of });
}

/** It has no capability, or not any more. */
export function mayNotDirect(): SkeinError {
  return new SkeinError(
    'not_allowed',
    'This agent may not use tools of Skein: it was started without them, or its run has ended (rule N1).',
    { rule: 'N1' },
  );
}

export function notYours(what: string): SkeinError {
  return new SkeinError('not_allowed', `${what} (rule N1).`, { rule: 'N1' });
}
