/** Renames, forgets, blocks or unblocks another node. */
import { SkeinError } from '@skein/protocol/errors';
import type { NodeAnswer } from '@skein/protocol/peers/asks';
import { isPeerId } from '@skein/protocol/relay/peer-id';
import { connectNode } from '../../connect/node.ts';
import type { Call } from '../../invocation/call.ts';
import { print, printJson } from '../../output/write.ts';

export async function run(call: Call): Promise<void> {
  const action = call.needed('action');
  const client = await connectNode(call.home);
  const { peer, name: known } = nodeNamed(await client.ask('nodes', {}), call.needed('node'));
  const shown = known || peer;
  const told = (reply: unknown, sentence: string) => (call.json ? printJson(reply) : print(sentence));
  if (action === 'rename') {
    const name = call.arg('name');
    if (name === undefined) throw new SkeinError('bad_request', 'Say what it is to be called.');
    const reply = await client.command('peers', 'peer.rename', { peer, name });
    return told(reply, `${shown} is called ${name} here.`);
  }
  if (action === 'forget') {
    await client.command('peers', 'peer.forget', { peer });
    return told({ peer }, `${shown} is forgotten.`);
  }
  if (action === 'block' || action === 'unblock') {
    const blocked = action === 'block';
    const reply = await client.command('peers', 'peer.block', { peer, blocked });
    return told(reply, blocked ? `Nothing of ${shown} is let in any more.` : `${shown} may come again.`);
  }
  throw new SkeinError('bad_request', `There is rename, forget, block and unblock, not "${action}".`, {
    see: 'skein node --help',
  });
}

function nodeNamed(nodes: readonly NodeAnswer[], ref: string): Pick<NodeAnswer, 'peer' | 'name'> {
  const found = nodes.find(({ peer, name }) => peer === ref || name === ref);
  if (found !== undefined) return found;
  if (isPeerId(ref)) return { peer: ref, name: '' };
  const names = nodes.flatMap(({ name }) => (name === '' ? [] : [name])).join(', ');
  throw new SkeinError(
    'not_found',
    `No node "${ref}" is known here.${names === '' ? '' : ` There are: ${names}.`}`,
  );
}
