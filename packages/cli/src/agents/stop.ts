/** Ends agents, as a person has asked: they are not started again by themselves (rule A6). */
import { type AgentState, isAlive } from '@skein/protocol/agents/state';
import type { Client } from '@skein/protocol/client/client';
import { SkeinError } from '@skein/protocol/errors';
import { awayWords, farIn } from '@skein/protocol/machines/words';
import { agentsMeant } from './named.ts';
import { type Session, streamOf, untilAgents } from './open.ts';

/** Milliseconds for the end to be told after SIGKILL. */
const TOLD_MS = 5_000;

export interface StoppedAgent {
  /** The session's. */
  id: string;
  /** `session/agent`. */
  name: string;
  agent: string;
  state: 'stopped';
  code: number | null;
  signal: number | null;
}

/** What a word on the command line means of a session: all of it, or one agent. */
export interface Meant {
  session: Session;
  /** Whether an agent was named. */
  one: boolean;
  agents: AgentState[];
}

/** All words of one node, before anything is done to any; `session/agent` or `session`. What is named twice is meant once. */
export async function resolveMeant(client: Client, refs: readonly string[]): Promise<Meant[]> {
  const meant = await Promise.all(
    refs.map(async (text): Promise<Meant> => {
      const slash = text.indexOf('/');
      const session = await client.ask('session', { ref: slash < 0 ? text : text.slice(0, slash) });
      if (slash >= 0) return { session, one: true, agents: agentsMeant(session, text.slice(slash + 1)) };
      return { session, one: false, agents: Object.values(session.agents ?? {}) };
    }),
  );
  const key = ({ session, one, agents }: Meant) => `${session.id}/${one ? agents[0]?.agent : ''}`;
  return [...new Map(meant.map((one) => [key(one), one])).values()];
}

/** The session's name, or the agent's in it where one was named. */
export function calledIn({ session, one, agents }: Meant): string {
  return one ? `${session.name}/${agents[0]?.name}` : session.name;
}

export const living = ({ agents }: Meant): AgentState[] => agents.filter(isAlive);

/** Asks each to end, with SIGKILL after `grace` milliseconds, and waits until all have. */
export async function stopAgents(
  client: Client,
  session: Session,
  agents: readonly AgentState[],
  grace: number,
): Promise<StoppedAgent[]> {
  const stream = streamOf(session);
  await Promise.all(agents.map(({ agent }) => client.command(stream, 'agent.stop', { agent, grace })));
  const away = agents.flatMap((agent) => awayText(session, agent) ?? []);
  const reached = agents.filter((agent) => awayText(session, agent) === undefined);
  const over = await untilAgents(
    client,
    session,
    ({ agents: now }) => reached.every(({ agent }) => now[agent] === undefined || !isAlive(now[agent])),
    grace + TOLD_MS,
  );
  if (away.length > 0)
    throw new SkeinError('peer_unreachable', away.join(' '), { see: `skein agents ${session.name}` });
  if (over === undefined)
    throw new SkeinError('timeout', `Agents of "${session.name}" were asked to end and have not.`, {
      see: `skein agents ${session.name}`,
    });
  return agents.map(({ agent, name }) => {
    const { code = null, signal = null } = over.agents[agent]?.exit ?? {};
    return { id: session.id, name: `${session.name}/${name}`, agent, state: 'stopped', code, signal };
  });
}

/** What becomes of a stop of one whose machine cannot be reached now; undefined where it can. */
function awayText(session: Session, { agent, name }: AgentState): string | undefined {
  const far = farIn(session, agent);
  const words = far && awayWords(far, Date.now());
  if (far === undefined || words === undefined) return undefined;
  if (far.session === null) return `"${name}" is not run by ${far.node} yet: that is called off.`;
  const stops = far.away === 'stop' ? ' It stops by itself when its lease has run out there.' : '';
  return `"${name}" runs on ${far.node}, which is ${words}: it is told to stop as soon as that is back.${stops}`;
}
