/** In which session a task or a question is meant: the one that is named, else that of the shell, else the only one there is. */

import type { Client } from '@skein/protocol/client/client';
import { allSessions } from '@skein/protocol/client/sessions';
import { SkeinError } from '@skein/protocol/errors';
import type { Session } from '../agents/open.ts';
import { connectNode, RESTART_MS } from '../connect/node.ts';
import { placeOf } from '../connect/place.ts';
import type { Call } from '../invocation/call.ts';

export interface MeantSession {
  client: Client;
  node: string | undefined;
  session: Session;
  /** As a person would name it. */
  ref: string;
}

/** Throws `not_found`, `ambiguous` or `bad_request`, and what connecting can throw. */
export async function sessionMeant(call: Call, retryFor = RESTART_MS): Promise<MeantSession> {
  const named = call.text('in');
  const { node, ref } = placeOf(named ?? process.env.SKEIN_SESSION ?? '');
  const client = await connectNode(call.home, { node, retryFor });
  const session = await client.ask('session', { ref: ref === '' ? await onlyOne(client) : ref });
  return { client, node, session, ref: node === undefined ? session.name : `${node}:${session.name}` };
}

async function onlyOne(client: Client): Promise<string> {
  const all = await allSessions(client);
  const [only] = all;
  if (only !== undefined && all.length === 1) return only.id;
  const names = all.map(({ name }) => name).slice(0, 10);
  throw new SkeinError(
    'bad_request',
    only === undefined
      ? 'There is no session yet. Begin one: skein spawn codex --name work'
      : `Say which session: --in ${names.join(', --in ')}`,
    { sessions: names },
  );
}
