/** Shows the nodes that this one knows, and how each is reached. */
import { connectNode } from '../../connect/node.ts';
import type { Call } from '../../invocation/call.ts';
import { nodesTable } from '../../output/nodes-table.ts';
import { paintFor } from '../../output/paint.ts';
import { print, printJson } from '../../output/write.ts';

export async function run(call: Call): Promise<void> {
  const client = await connectNode(call.home);
  const nodes = await client.ask('nodes', {});
  if (call.json) return printJson(nodes);
  if (nodes.length === 0) return print('None. Join a session of one: skein join');
  print(nodesTable(nodes, paintFor(call.flag('no-color'))));
}
