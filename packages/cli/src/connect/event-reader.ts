/** The events of a session or the node, one by one, each with its place. */
import type { Client } from '@skein/protocol/client/client';
import type { StoredEvent } from '@skein/protocol/sessions/events';

export interface PlacedEvent extends StoredEvent {
  stream: string;
  epoch: number;
  offset: number;
}

interface ReadEvents {
  stream: string;
  /** The offset of the last one that is known. */
  after: number;
  follow: boolean;
}

export async function* readEvents(client: Client, what: ReadEvents): AsyncGenerator<PlacedEvent> {
  const { stream, after, follow } = what;
  for await (const page of client.subscribe({ stream, from: { offset: after }, follow })) {
    for (const [i, { type, at, by, body }] of page.events.entries())
      yield { stream, epoch: page.epoch, offset: page.first + i, at, type, by, body };
  }
}
