/** Prints events, as lines for people or as JSON. */

import { type PlacedEvent, readEvents } from '@skein/client/events';
import { harmless } from '@skein/protocol/text/words';
import { connectNode } from '../../connect/node.ts';
import { placeOf } from '../../connect/place.ts';
import type { Call } from '../../invocation/call.ts';
import { LongOutput } from '../../output/long-output.ts';
import { paintFor } from '../../output/paint.ts';
import { jsonText, printJson } from '../../output/write.ts';
import { lineOf } from './line.ts';

/** Milliseconds for which a follower waits for a node that is gone. */
const RETRY_MS = 24 * 3600 * 1000;
/** The same for whoever only reads what there is. */
const BRIEFLY_MS = 60_000;

export async function run(call: Call): Promise<void> {
  const follow = call.flag('follow');
  const after = call.integer('from') ?? 0;
  const { node, ref } = placeOf(call.arg('ref') ?? 'node');
  const client = await connectNode(call.home, { node, retryFor: follow ? RETRY_MS : BRIEFLY_MS });
  const stream =
    node === undefined && ref === 'node' ? 'node' : `session/${(await client.ask('session', { ref })).id}`;
  const paint = paintFor(call.flag('no-color'));
  const out = new LongOutput(call.json);
  const all: PlacedEvent[] = [];
  for await (const event of readEvents(client, { stream, after, follow })) {
    if (call.json && !follow) all.push(event);
    else out.write(call.json ? `${jsonText(event)}\n` : harmless(`${lineOf(event, paint)}\n`));
    await out.room();
  }
  await out.end();
  if (call.json && !follow) printJson(all);
}
