/** Gives a session another name. */
import { connectNode } from '../../connect/node.ts';
import type { Call } from '../../invocation/call.ts';
import { printJson } from '../../output/write.ts';

export async function run(call: Call): Promise<void> {
  const client = await connectNode(call.home);
  const { id } = await client.ask('session', { ref: call.needed('ref') });
  const reply = await client.command('node', 'session.rename', { id, name: call.needed('name') });
  if (call.json) printJson(reply);
}
