/** The way to the session: connected through one's own node, which is started again when it has died under the chat. */

import type { Client } from '@skein/protocol/client/client';
import { SkeinError } from '@skein/protocol/errors';
import type { SessionAnswer } from '@skein/protocol/sessions/asks';
import { connectLasting } from '../connect/lasting.ts';
import { placeOf } from '../connect/place.ts';

export interface Link {
  client: Client;
  session: SessionAnswer;
  /** The agent that was named, by its id. */
  agent: string | undefined;
}

/** Throws `not_found` for a session or agent that is not there. */
export async function openLink(
  home: string,
  ref: string,
  onConnection: (state: 'lost' | 'back') => void,
): Promise<Link> {
  const { node, ref: rest } = placeOf(ref);
  const slash = rest.indexOf('/');
  const [sessionRef, agentRef] =
    slash < 0 ? [rest, undefined] : [rest.slice(0, slash), rest.slice(slash + 1)];
  const client = await connectLasting(home, node, 'skein chat', onConnection);
  try {
    const session = await client.ask('session', { ref: sessionRef });
    return { client, session, agent: agentRef === undefined ? undefined : agentNamed(session, agentRef) };
  } catch (error) {
    client.close();
    throw error;
  }
}

function agentNamed({ agents, name }: SessionAnswer, ref: string): string {
  const all = Object.values(agents);
  const exact = all.find((one) => one.name === ref || one.agent === ref);
  const begun = all.filter((one) => one.name.startsWith(ref) || one.agent.startsWith(ref));
  const found = exact ?? (begun.length === 1 ? begun[0] : undefined);
  if (found !== undefined) return found.agent;
  const names = all.map((one) => one.name).join(', ');
  throw new SkeinError(
    'not_found',
    `${name} has no agent "${ref}".${names === '' ? '' : ` It has: ${names}.`}`,
    { ref },
  );
}

/** Others who are connected to the session now, by name. */
export async function peopleOf({ client, session }: Link): Promise<string[]> {
  const members = await client.ask('members', { ref: session.id });
  return members
    .filter(({ id, devices }) => id !== session.you.member && devices.some(({ connected }) => connected))
    .map(({ name }) => name);
}

/** How much waits for this user in other sessions of the node; none on one that does not tell. */
export async function waitingElsewhere({ client, session }: Link): Promise<number> {
  try {
    const { items } = await client.ask('inbox', {});
    return items.filter((one) => one.yours && one.session !== session.id).length;
  } catch {
    return 0;
  }
}
