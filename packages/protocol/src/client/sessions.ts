/** All sessions of a node, however many: in one answer where they fit into one, else page by page. */
import { SkeinError } from '../errors.ts';
import type { Asks, ListedSession } from '../sessions/asks.ts';
import type { Client } from './client.ts';

type Asking = Pick<Client, 'ask'>;
type Page = Asks['sessionPage']['answer'];

/** Throws `too_large` where an older node has more than fit into an answer. */
export async function allSessions(client: Asking): Promise<ListedSession[]> {
  try {
    return await client.ask('sessions', {});
  } catch (thrown) {
    if (SkeinError.from(thrown).code !== 'too_large') throw thrown;
    return paged(client, thrown);
  }
}

async function paged(client: Asking, tooLarge: unknown): Promise<ListedSession[]> {
  const all: ListedSession[] = [];
  for (let after: Page['more'] = null; ; ) {
    const page: Page = await client.ask('sessionPage', { after }).catch((error) => {
      throw SkeinError.from(error).code === 'unknown_command' ? tooLarge : error;
    });
    all.push(...page.sessions);
    if (page.more === null) return all;
    after = page.more;
  }
}
