/** What happens to an agent, besides what it says, in a line for people. Pure. */
import type { AgentEvents } from '@skein/protocol/agents/events';
import type { AgentLifeEvents } from '@skein/protocol/agents/life-events';
import type { StoredEvent } from '@skein/protocol/sessions/events';
import { age } from '@skein/protocol/text/words';
import type { Limit, ToolEvents } from '@skein/protocol/tools/events';
import { howItEnded } from '../../output/how-it-ended.ts';

export interface LifeRemark {
  tone: 'life' | 'fault';
  text: string;
  detail?: string;
}

/** What a conversation is told of. */
export type All = AgentLifeEvents & AgentEvents & ToolEvents;

/** What was refused an agent because of its limit. */
const LIMITED: Record<Limit, (limit: number) => string> = {
  depth: () => 'start agents: it may not',
  spawn: (limit) => `start another agent: ${limit} are alive below it, or below one that it comes from`,
  agents: (limit) => `start another agent: the session has ${limit}`,
  prompts: (limit) => `prompt others: it has ${limit} times within a minute`,
  calls: (limit) => `call tools: it has ${limit} times within a minute, or too many at once`,
};

/** Events that may be worth one. */
export const LIVES = [
  'agent.starting',
  'agent.failed',
  'agent.lost',
  'agent.exited',
  'agent.resting',
  'agent.stuck',
  'agent.stopping',
  'agent.chosen',
  'turn.cancelling',
  'agent.reported',
  'limit.reached',
] as const;

/** Undefined for what is not worth a line. */
export function lifeRemark(
  type: string,
  { body, at }: Pick<StoredEvent, 'body' | 'at'>,
): LifeRemark | undefined {
  switch (type) {
    case 'agent.starting': {
      const { resume, attempt } = body as All['agent.starting'];
      if (attempt > 0) return { tone: 'life', text: `started again by itself (${attempt})` };
      return resume === null ? undefined : { tone: 'life', text: 'started, going on with its own session' };
    }
    case 'agent.failed':
      return { tone: 'fault', text: `could not be started: ${(body as All['agent.failed']).message}` };
    case 'agent.lost':
      return { tone: 'fault', text: `lost with its host: ${(body as All['agent.lost']).why}` };
    case 'agent.exited': {
      const { code, signal, stderr } = body as All['agent.exited'];
      const detail = stderr.trim() === '' ? {} : { detail: stderr };
      const fine = code === 0 && !signal;
      return {
        tone: fine ? 'life' : 'fault',
        text: `its process ended: ${howItEnded({ code, signal })}`,
        ...detail,
      };
    }
    case 'agent.resting': {
      const { until, attempt } = body as All['agent.resting'];
      return { tone: 'life', text: `will be started again in ${age(until - at)} (attempt ${attempt})` };
    }
    case 'agent.stuck':
      return {
        tone: 'fault',
        text: `nothing has come from it for ${age((body as All['agent.stuck']).quiet)}`,
      };
    case 'agent.stopping': {
      const { why } = body as All['agent.stopping'];
      return { tone: 'life', text: why === undefined ? 'asked to end' : `asked to end: ${why}` };
    }
    case 'agent.chosen': {
      const { what, value } = body as All['agent.chosen'];
      return { tone: 'life', text: `${what}: ${value}` };
    }
    case 'turn.cancelling':
      return { tone: 'life', text: 'asked to end this turn' };
    case 'agent.reported': {
      const { ok, text } = body as All['agent.reported'];
      return {
        tone: ok ? 'life' : 'fault',
        text: ok ? 'has reported' : 'has reported that it could not',
        detail: text,
      };
    }
    case 'limit.reached': {
      const { which, limit } = body as All['limit.reached'];
      return { tone: 'fault', text: `was kept from going on to ${LIMITED[which](limit)}` };
    }
    default:
      return undefined;
  }
}
