/** Renames, forgets, blocks or unblocks another node. */
import { SkeinError } from '@skein/protocol/errors';
import type { NodeAnswer } from '@skein/protocol/peers/asks';
import { isPeerId } from '@skein/protocol/relay/peer-id';
import { connectNode } from '../../connect/node.ts';
import type { Call } from '../../invocation/call.ts';
import { print, printJson } from '../../output/write.ts';

const ACTIONS: readonly string[] = ['rename', 'forget', 'block', 'unblock'];

export async function run(call: Call): Promise<void> {
  const action = call.needed('action');
  if (!ACTIONS.includes(action)) {
    const message = `There is rename, forget, block and unblock, not "${action}".`;
    throw new SkeinError('bad_request', message, { see: 'skein node --help' });
  }
  const client = await connectNode(call.home);
  const { peer, name: known, people } = nodeNamed(await client.ask('nodes', {}), call.needed('node'));
  const shown = known || (people.length > 0 ? `the node of ${people.join(', ')}` : peer);
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
  const blocked = action === 'block';
  const reply = await client.command('peers', 'peer.block', { peer, blocked });
  told(reply, blocked ? `Nothing of ${shown} is let in any more.` : `${shown} may come again.`);
}

function nodeNamed(nodes: readonly NodeAnswer[], ref: string): Pick<NodeAnswer, 'peer' | 'name' | 'people'> {
  const found = nodes.find(({ peer, name }) => peer === ref || name === ref);
  if (found !== undefined) return found;
  if (isPeerId(ref)) return { peer: ref, name: '', people: [] };
  const theirs = nodes.filter(({ people }) => people.includes(ref));
  if (theirs[0] !== undefined && theirs.length === 1) return theirs[0];
  if (theirs.length > 1)
    throw new SkeinError('ambiguous', `${ref} has several devices. Say which by its PeerId: skein nodes`);
  const names = nodes.flatMap(({ name }) => (name === '' ? [] : [name])).join(', ');
  throw new SkeinError(
    'not_found',
    `No node "${ref}" is known here.${names === '' ? '' : ` There are: ${names}.`}`,
  );
}
