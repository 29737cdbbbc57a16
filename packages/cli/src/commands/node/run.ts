/** Shows this node, makes others known, renames, forgets, blocks or unblocks them. */
import type { Client } from '@skein/protocol/client/client';
import { SkeinError } from '@skein/protocol/errors';
import { addNode } from '../../connect/add-node.ts';
import { foundBy } from '../../connect/found-by.ts';
import { connectNode } from '../../connect/node.ts';
import { nodeNamed, shownNode } from '../../connect/node-named.ts';
import type { Call } from '../../invocation/call.ts';
import { complain, print, printJson } from '../../output/write.ts';

const ACTIONS: readonly string[] = ['show', 'add', 'rename', 'forget', 'block', 'unblock'];

export async function run(call: Call): Promise<void> {
  const action = call.needed('action');
  if (!ACTIONS.includes(action)) {
    const message = `There is ${ACTIONS.slice(0, -1).join(', ')} and unblock, not "${action}".`;
    throw new SkeinError('bad_request', message, { see: 'skein node --help' });
  }
  const client = await connectNode(call.home);
  if (action === 'show') return show(call, client);
  const ref = call.arg('node');
  if (ref === undefined) throw new SkeinError('bad_request', 'Say which node.', { see: 'skein node --help' });
  const told = (reply: unknown, sentence: string) => (call.json ? printJson(reply) : print(sentence));
  if (action === 'add') {
    const added = await addNode(client, ref, call.text('name'));
    return told(added, `${added.name} is known here. See: skein nodes`);
  }
  const node = nodeNamed(await client.ask('nodes', {}), ref, 'Those that are known: skein nodes');
  const { peer } = node;
  const shown = shownNode(node);
  if (node.name === '' && (action === 'rename' || action === 'forget')) throw notAdded(shown, peer);
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
  if (blocked && peer === (await client.ask('mesh', {})).id)
    throw new SkeinError('bad_request', 'That is this node itself.');
  const reply = await client.command('peers', 'peer.block', { peer, blocked });
  told(reply, blocked ? `Nothing of ${shown} is let in any more.` : `${shown} may come again.`);
}

/** It may be in the table for being a member's device, or blocked. */
function notAdded(shown: string, peer: string): SkeinError {
  const advice = `To let nothing of it in: skein node block ${peer}`;
  return new SkeinError('not_found', `Of ${shown} nothing is kept here: it was not added or joined.`, {
    advice,
  });
}

/** This node, and the line by which others find it. */
async function show(call: Call, client: Client): Promise<void> {
  const { id, name } = await client.ask('mesh', {});
  const { locator, warning } = await foundBy(client);
  if (locator === null)
    throw new SkeinError('mesh_off', 'This node meets no others. Turn that on: skein mesh --on');
  if (warning !== undefined) complain(warning.message, warning.advice);
  if (call.json) return printJson({ peer: id, name, locator });
  print(`${name}, ${id}\nOn the other machine:\n\n  skein node add ${locator}\n`);
}
