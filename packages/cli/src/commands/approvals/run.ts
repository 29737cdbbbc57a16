/** Lists what agents ask (rule A5). */
import { agentPlaceIn } from '../../agents/named.ts';
import { PATIENCE_MS } from '../../agents/open.ts';
import { onJoined, waitingAt } from '../../agents/waiting-approvals.ts';
import { connectNode } from '../../connect/node.ts';
import type { Call } from '../../invocation/call.ts';
import { paintFor } from '../../output/paint.ts';
import { complain, print, printJson } from '../../output/write.ts';
import { follow } from './follow.ts';
import { approvalsTable } from './table.ts';

export async function run(call: Call): Promise<void> {
  const place = agentPlaceIn(call.arg('ref'));
  const { node, ref, agent } = place;
  const following = call.flag('follow');
  const client = await connectNode(call.home, following ? { node, retryFor: PATIENCE_MS } : { node });
  const all = call.flag('all') && ref === undefined;
  if (following) return follow(call, client, place, all);
  const unreachable = (name: string, error: Error) => complain(`${name} cannot be asked: ${error.message}`);
  const [here, away] = await Promise.all([
    waitingAt(client, node, ref, agent),
    all ? onJoined(call.home, client, (one, name) => waitingAt(one, name, undefined), unreachable) : [],
  ]);
  const waiting = [...here, ...away].sort((a, b) => a.at - b.at);
  if (call.json) return printJson(waiting);
  if (waiting.length === 0) return print('Nothing waits for an answer.');
  print(approvalsTable(waiting, paintFor(call.flag('no-color')), Date.now()));
}
