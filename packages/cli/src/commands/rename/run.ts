/** Gives a session another name. */
import { connectNode } from '../../connect/node.ts';
import { placeOf } from '../../connect/place.ts';
import type { Call } from '../../invocation/call.ts';
import { printJson } from '../../output/write.ts';

export async function run(call: Call): Promise<void> {
  const { node, ref } = placeOf(call.needed('ref'));
  const client = await connectNode(call.home, { node });
  const { id } = await client.ask('session', { ref });
  const reply = await client.command('node', 'session.rename', { id, name: call.needed('name') });
  if (call.json) printJson(reply);
}
