/** Sets the size of a session's terminal. */
import { connectNode } from '../../connect/node.ts';
import { type Call, parseSize } from '../../invocation/call.ts';
import { printJson } from '../../output/write.ts';

export async function run(call: Call): Promise<void> {
  const size = parseSize(call.needed('size'));
  const client = await connectNode(call.home);
  const now = await client.ask('resize', { ref: call.needed('ref'), ...size });
  if (call.json) printJson(now);
}
