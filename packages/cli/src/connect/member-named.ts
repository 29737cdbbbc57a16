/** The member of a session that a person means: by id or name. */
import type { Client } from '@skein/protocol/client/client';
import { SkeinError } from '@skein/protocol/errors';
import type { ListedMember } from '@skein/protocol/sessions/asks';

/** Throws `not_found` with the names there are. */
export async function memberNamed(client: Client, ref: string, wanted: string): Promise<ListedMember> {
  const members = await client.ask('members', { ref });
  const found = members.find(({ id, name }) => id === wanted || name === wanted);
  if (found !== undefined) return found;
  const names = members.map(({ name }) => name).join(', ');
  const there = names === '' ? 'It has none.' : `There are: ${names}.`;
  throw new SkeinError('not_found', `No member "${wanted}" is in that session. ${there}`);
}
