/** Sets the size of a session's terminal. */
import { connectNode } from '../../connect/node.ts';
import { placeOf } from '../../connect/place.ts';
import { type Call, parseSize } from '../../invocation/call.ts';
import { printJson } from '../../output/write.ts';

export async function run(call: Call): Promise<void> {
  const size = parseSize(call.needed('size'));
  const { node, ref } = placeOf(call.needed('ref'));
  const client = await connectNode(call.home, { node });
  const now = await client.ask('resize', { ref, ...size });
  if (call.json) printJson(now);
}
