/** All sessions of this user's node, for commands that ask it nothing else. */
import { allSessions } from '@skein/protocol/client/sessions';
import { SkeinError } from '@skein/protocol/errors';
import type { ListedSession } from '@skein/protocol/sessions/asks';
import { connectNode } from './node.ts';

export async function sessionsOf(home: string): Promise<ListedSession[]> {
  const client = await connectNode(home);
  try {
    return await allSessions(client);
  } finally {
    client.close();
  }
}

/** What an answer made of all sessions is, or what `make` makes of them where they do not fit into one. */
export async function orFromAll<T>(
  home: string,
  answered: Promise<{ answer: T }>,
  make: (sessions: ListedSession[]) => T | Promise<T>,
): Promise<T> {
  try {
    return (await answered).answer;
  } catch (thrown) {
    if (SkeinError.from(thrown).code !== 'too_large') throw thrown;
    return make(await sessionsOf(home));
  }
}
