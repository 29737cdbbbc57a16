/** The events of a session or the node, one by one, each with its place. */
import type { Cursor } from '@skein/protocol/channel/frames';
import { wholeEvent } from '@skein/protocol/client/blobs';
import type { Client } from '@skein/protocol/client/client';
import type { StoredEvent } from '@skein/protocol/sessions/events';

export interface PlacedEvent extends StoredEvent {
  stream: string;
  epoch: number;
  offset: number;
}

interface ReadEvents {
  stream: string;
  /** The last one that is known: its offset, or its place in an epoch. */
  after: number | Cursor;
  follow: boolean;
  /** Fetches bodies that are too large for a page; otherwise their events say only where they are. */
  whole?: boolean;
}

export async function* readEvents(client: Client, what: ReadEvents): AsyncGenerator<PlacedEvent> {
  const { stream, after, follow, whole = false } = what;
  const from = typeof after === 'number' ? { offset: after } : after;
  for await (const page of client.subscribe({ stream, from, follow })) {
    for (const [i, event] of page.events.entries()) {
      const offset = page.first + i;
      const { type, at, by, source, body, blob } = whole
        ? await wholeEvent(client, stream, offset, event)
        : event;
      const kept = blob === undefined || whole ? {} : { blob };
      const copied = source === undefined ? {} : { source };
      yield { stream, epoch: page.epoch, offset, at, type, by, ...copied, body, ...kept };
    }
  }
}
