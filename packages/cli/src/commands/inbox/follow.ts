/** Tells of what waits when it comes, and when it needs nobody any more, for as long as that is wanted. */
import type { Client } from '@skein/protocol/client/client';
import { PATIENCE_MS } from '../../agents/open.ts';
import { joinedNodes } from '../../agents/waiting-approvals.ts';
import { connectNode } from '../../connect/node.ts';
import type { Call } from '../../invocation/call.ts';
import { isTerminal } from '../../output/is-terminal.ts';
import { paintFor } from '../../output/paint.ts';
import { complain, print, printJson, writeAll } from '../../output/write.ts';
import { at, reasonOf, type Waiting } from '../../tasks/inbox.ts';
import { commandFor, waitingLine, whereText } from '../../tasks/inbox-table.ts';
import { notification } from '../approvals/table.ts';

/** Milliseconds for which one question to a node may stand. */
const WAIT_MS = 30_000;

export async function follow(call: Call, own: Client): Promise<void> {
  const watched = [watch(call, own, null)];
  if (!call.flag('here'))
    for (const node of await joinedNodes(own))
      watched.push(
        connectNode(call.home, { node, retryFor: PATIENCE_MS })
          .then((client) => watch(call, client, node))
          .catch((error) => complain(`${node} is not asked any more: ${reasonOf(error)}`)),
      );
  await Promise.all(watched);
}

async function watch(call: Call, client: Client, node: string | null): Promise<void> {
  const paint = paintFor(call.flag('no-color'));
  const rings = !call.json && isTerminal(1);
  let since: string | undefined;
  let before = new Map<string, Waiting>();
  for (;;) {
    const answer = await client.ask('inbox', since === undefined ? {} : { since, wait: WAIT_MS });
    const items = at(answer.items, node);
    const now = new Map(items.map((one) => [`${one.kind} ${one.session} ${one.id}`, one]));
    for (const [key, { kind, id, session }] of before)
      if (call.json && !now.has(key)) printJson({ gone: { kind, id, session, node } });
    for (const [key, one] of [...now].reverse()) {
      if (before.has(key)) continue;
      if (call.json) printJson({ item: { ...one, command: commandFor(one, items) } });
      else print(waitingLine(one, items, paint));
      if (rings && since !== undefined)
        writeAll(1, notification(`${whereText(one)}: ${one.kind}`, one.title));
    }
    since = answer.mark;
    before = now;
  }
}
