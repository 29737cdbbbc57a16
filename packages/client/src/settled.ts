/** Waiting until a new agent's process is there, or it is known why it is not. */
import type { AgentLifeEvents } from '@skein/protocol/agents/life-events';
import type { Client } from '@skein/protocol/client/client';
import { type ErrorCode, SkeinError } from '@skein/protocol/errors';
import type { Asks } from '@skein/protocol/sessions/asks';
import { followAgents } from './events.ts';

/** Why it is not, if it cannot be started. `before` is the session without it. */
export async function settled(
  client: Client,
  before: Asks['session']['answer'],
  agent: string,
): Promise<SkeinError | undefined> {
  for await (const { event, state } of followAgents(client, before)) {
    if (event.type === 'agent.failed') {
      const { agent: whose, code, message } = event.body as AgentLifeEvents['agent.failed'];
      if (whose === agent) return SkeinError.fromBody({ code: code as ErrorCode, message });
    }
    if (event.type === 'agent.removed' && (event.body as AgentLifeEvents['agent.removed']).agent === agent)
      return new SkeinError('gone', 'It was removed before it had begun.');
    const now = state.agents[agent];
    if (now !== undefined && now.life !== 'starting') return undefined;
  }
  return undefined;
}
