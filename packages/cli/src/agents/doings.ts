/** Waiting until agents have nothing to do any more. */
import { type AgentState, type Agents, isAlive } from '@skein/protocol/agents/state';
import type { Client } from '@skein/protocol/client/client';
import { SkeinError } from '@skein/protocol/errors';
import { type Session, untilAgents } from './open.ts';

/** Whether an agent's turns are done, and nothing waits in its queue; or whether it has ended. */
export function isDone(agent: AgentState | undefined): boolean {
  if (agent === undefined || !isAlive(agent)) return true;
  return (
    agent.life === 'running' && agent.run?.ready === true && agent.turn === null && agent.queue.length === 0
  );
}

/** Throws `timeout` after `ms`; resolves with the agents as they are then. */
export async function untilDone(
  client: Client,
  session: Session,
  agents: readonly AgentState[],
  ms: number,
): Promise<Agents> {
  const done = ({ agents: now }: Agents) => agents.every(({ agent }) => isDone(now[agent]));
  const found = await untilAgents(client, session, done, ms);
  if (found !== undefined) return found;
  throw new SkeinError(
    'timeout',
    `Agents of "${session.name}" are not done after ${Math.ceil(ms / 1000)} seconds.`,
    {
      see: `skein agents ${session.name}`,
    },
  );
}
