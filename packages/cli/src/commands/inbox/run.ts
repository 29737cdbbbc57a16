/** Lists what waits (rule N4). */
import { PATIENCE_MS } from '../../agents/open.ts';
import { connectNode } from '../../connect/node.ts';
import type { Call } from '../../invocation/call.ts';
import { paintFor } from '../../output/paint.ts';
import { print, printJson } from '../../output/write.ts';
import { gather } from '../../tasks/inbox.ts';
import { commandFor, inboxTable } from '../../tasks/inbox-table.ts';
import { follow } from './follow.ts';

export async function run(call: Call): Promise<void> {
  const following = call.flag('follow');
  const client = await connectNode(call.home, following ? { retryFor: PATIENCE_MS } : {});
  if (following) return follow(call, client);
  const found = await gather(call.home, client, call.flag('here'));
  if (!call.json) return print(inboxTable(found, paintFor(call.flag('no-color')), Date.now()).trimEnd());
  const items = found.items.map((one) => ({ ...one, command: commandFor(one, found.items) }));
  printJson({ items, away: found.away });
}
