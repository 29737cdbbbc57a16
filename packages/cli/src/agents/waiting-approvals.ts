/** What waits for an answer, on this node and those that were joined; and which of it a person means. */
import type { WaitingApproval } from '@skein/protocol/agents/asks';
import type { Client } from '@skein/protocol/client/client';
import { SkeinError } from '@skein/protocol/errors';
import { connectNode } from '../connect/node.ts';
import { isMeant, shortId } from './approval-text.ts';

/** `node` is null for this one. */
export type Waiting = WaitingApproval & { node: string | null };

export async function waitingAt(
  client: Client,
  node: string | undefined,
  ref: string | undefined,
  agent?: string,
): Promise<Waiting[]> {
  const { approvals } = await client.ask('approvals', ref === undefined ? {} : { ref });
  return ofAgent(approvals, agent).map((one) => ({ ...one, node: node ?? null }));
}

export function ofAgent<T extends WaitingApproval>(all: readonly T[], agent: string | undefined): T[] {
  if (agent === undefined) return [...all];
  return all.filter(({ agentName, agent: id }) => agentName.startsWith(agent) || id.startsWith(agent));
}

/** The names of the nodes on which there are sessions that this one has joined. */
export async function joinedNodes(client: Client): Promise<string[]> {
  const nodes = await client.ask('nodes', {});
  return nodes
    .filter(({ sessions, blocked }) => sessions.length > 0 && !blocked)
    .map(({ name, peer }) => name || peer);
}

/** Calls for each node at once; what cannot be reached is told of and left out. */
export async function onJoined<T>(
  home: string,
  own: Client,
  call: (client: Client, node: string) => Promise<T[]>,
  unreachable: (node: string, error: SkeinError) => void,
): Promise<T[]> {
  const found = await Promise.all(
    (await joinedNodes(own)).map(async (node) => {
      try {
        const client = await connectNode(home, { node });
        return await call(client, node);
      } catch (error) {
        unreachable(node, SkeinError.from(error));
        return [];
      }
    }),
  );
  return found.flat();
}

/** The one that is meant by an id or enough of it. Throws `not_found` or `ambiguous`. */
export function approvalMeant(waiting: readonly Waiting[], wanted: string): Waiting {
  const whole = waiting.find(({ approval }) => approval === wanted);
  if (whole !== undefined) return whole;
  const begun = waiting.filter(({ approval }) => isMeant(approval, wanted));
  const [only] = begun;
  if (begun.length === 1 && only !== undefined) return only;
  const ids = waiting.map(({ approval }) => approval);
  const near = (begun.length > 0 ? begun : waiting).map((one) => ({
    approval: one.approval,
    session: one.session,
    title: one.title,
  }));
  if (begun.length > 1) {
    const those = begun.map((one) => shortId(one.approval, one.node ?? undefined, ids)).join(', ');
    throw new SkeinError('ambiguous', `"${wanted}" could be any of: ${those}.`, { near });
  }
  throw new SkeinError('not_found', `Nothing called "${wanted}" waits for an answer. See: skein approvals`, {
    near,
  });
}
