/** The member of a session, and the device of theirs, that a person means: by id or name. */
import type { Client } from '@skein/protocol/client/client';
import { SkeinError } from '@skein/protocol/errors';
import type { ListedMember } from '@skein/protocol/sessions/asks';
import { age } from '@skein/protocol/text/words';

/** Throws `not_found` with the names there are. */
export async function memberNamed(client: Client, ref: string, wanted: string): Promise<ListedMember> {
  const members = await client.ask('members', { ref });
  // Whoever is called by another's id is not meant.
  const found = members.find(({ id }) => id === wanted) ?? members.find(({ name }) => name === wanted);
  if (found !== undefined) return found;
  const names = members.map(({ name }) => name).join(', ');
  const there = names === '' ? 'It has none.' : `There are: ${names}.`;
  throw new SkeinError('not_found', `No member "${wanted}" is in that session. ${there}`);
}

/** The device of a member that a person means: by PeerId or name. Throws `not_found`, and `ambiguous`: one that was shut out by mistake stays out. */
export function deviceNamed(
  { name: member, devices }: Pick<ListedMember, 'name' | 'devices'>,
  wanted: string,
): ListedMember['devices'][number] {
  const found = devices.filter(({ name }) => name === wanted);
  const device = devices.find(({ id }) => id === wanted) ?? found[0];
  if (device !== undefined && (device.id === wanted || found.length === 1)) return device;
  if (device === undefined) {
    const names = devices.map(({ name }) => name).join(', ');
    throw new SkeinError('not_found', `${member} has no device "${wanted}". There are: ${names}.`);
  }
  const message = `${member} has ${found.length} devices called "${wanted}".`;
  const advice = `Say which: ${found.map(({ id, seen }) => `--device ${id} (seen ${age(Date.now() - seen)} ago)`).join(', or ')}`;
  throw new SkeinError('ambiguous', message, { near: found.map(({ id }) => id), advice });
}
