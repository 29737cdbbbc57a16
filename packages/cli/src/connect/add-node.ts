/** A node made known by its locator, and the mesh turned on: whoever adds one wants to meet it. */
import type { Client } from '@skein/protocol/client/client';
import { SkeinError } from '@skein/protocol/errors';
import { decodeLocator } from '@skein/protocol/peers/locator';

/** Throws `bad_address`, and what the node refuses it with. */
export async function addNode(
  client: Client,
  locator: string,
  called?: string,
): Promise<{ peer: string; name: string }> {
  const { peer, node, addrs, relays } = decodeLocator(locator);
  const { id, on } = await client.ask('mesh', {});
  if (peer === id) throw new SkeinError('bad_request', 'That is this node itself.');
  const body = { peer, name: called ?? node, addrs, relays };
  const added = (await client.command('peers', 'peer.add', body)) as { peer: string; name: string };
  if (!on) await client.command('peers', 'mesh.configure', { on: true });
  if (called === undefined || called === added.name) return added;
  await client.command('peers', 'peer.rename', { peer, name: called });
  return { peer, name: called };
}
