/** A session's agents, found and followed, on whichever node they are. */

import { followAgents } from '@skein/client/events';
import { after } from '@skein/node/platform/after';
import type { AgentState, Agents } from '@skein/protocol/agents/state';
import type { Client } from '@skein/protocol/client/client';
import type { Asks } from '@skein/protocol/sessions/asks';
import { connectNode, RESTART_MS } from '../connect/node.ts';
import { agentNamed, agentPlaceOf, refOf } from './named.ts';

export type Session = Asks['session']['answer'];

/** Milliseconds for which a node that restarts, or is away, is waited for by whoever waits for an agent. */
export const PATIENCE_MS = 24 * 3600 * 1000;

export interface FoundAgent {
  client: Client;
  node: string | undefined;
  session: Session;
  agent: AgentState;
  /** As a person would name it. */
  ref: string;
}

/** Throws `not_found` or `ambiguous`, and what connecting can throw. */
export async function findAgent(home: string, text: string, retryFor = RESTART_MS): Promise<FoundAgent> {
  const { node, ref, agent: wanted } = agentPlaceOf(text);
  const client = await connectNode(home, { node, retryFor });
  const session = await client.ask('session', { ref });
  const agent = agentNamed(session, wanted);
  return { client, node, session, agent, ref: refOf(node, session, agent) };
}

export const streamOf = ({ id }: Pick<Session, 'id'>) => `session/${id}`;

/** Waits until a session's agents are as wanted; undefined when that takes longer than `ms`. */
export async function untilAgents(
  client: Client,
  session: Session,
  wanted: (state: Agents) => boolean,
  ms = Number.POSITIVE_INFINITY,
): Promise<Agents | undefined> {
  if (wanted(session)) return session;
  const following = followAgents(client, session);
  const late = new Promise<undefined>((resolve) => {
    after(ms, () => resolve(undefined));
  });
  const found = (async () => {
    for await (const { state } of following) if (wanted(state)) return state;
    return undefined;
  })();
  return Promise.race([found, late]);
}
