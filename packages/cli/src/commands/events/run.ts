/** Prints events, as lines for people or as JSON. */

import type { Paint } from '@skein/protocol/text/paint';
import { visible } from '@skein/protocol/text/words';
import { type PlacedEvent, readEvents } from '../../connect/event-reader.ts';
import { connectNode } from '../../connect/node.ts';
import { placeOf } from '../../connect/place.ts';
import type { Call } from '../../invocation/call.ts';
import { paintFor } from '../../output/paint.ts';
import { print, printJson } from '../../output/write.ts';

/** Milliseconds for which a follower waits for a node that is gone. */
const RETRY_MS = 24 * 3600 * 1000;

export async function run(call: Call): Promise<void> {
  const follow = call.flag('follow');
  const after = call.integer('from') ?? 0;
  const { node, ref } = placeOf(call.arg('ref') ?? 'node');
  const client = await connectNode(call.home, follow ? { node, retryFor: RETRY_MS } : { node });
  const stream =
    node === undefined && ref === 'node' ? 'node' : `session/${(await client.ask('session', { ref })).id}`;
  const paint = paintFor(call.flag('no-color'));
  const all: PlacedEvent[] = [];
  for await (const event of readEvents(client, { stream, after, follow })) {
    if (!call.json) print(lineOf(event, paint));
    else if (follow) printJson(event);
    else all.push(event);
  }
  if (call.json && !follow) printJson(all);
}

function lineOf({ offset, at, type, body }: PlacedEvent, paint: Paint): string {
  const when = new Date(at).toISOString().replace('T', ' ').slice(0, 23);
  return `${paint.dim(String(offset).padStart(6))}  ${paint.dim(when)}  ${paint.bold(type)}  ${fields(body)}`;
}

function fields(body: unknown): string {
  if (typeof body !== 'object' || body === null) return '';
  return Object.entries(body)
    .map(([name, value]) => `${name}=${visible(typeof value === 'string' ? value : JSON.stringify(value))}`)
    .join(' ');
}
