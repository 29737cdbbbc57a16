/** The events of a session or the node, one by one, each with its place; and what its agents are after each. */
import { type Agents, reduceAgents } from '@skein/protocol/agents/state';
import type { Cursor } from '@skein/protocol/channel/frames';
import { wholeEvent } from '@skein/protocol/client/blobs';
import type { Client } from '@skein/protocol/client/client';
import type { Asks } from '@skein/protocol/sessions/asks';
import type { SessionEvents, StoredEvent } from '@skein/protocol/sessions/events';

export interface PlacedEvent extends StoredEvent {
  stream: string;
  epoch: number;
  offset: number;
}

/** An event of a session, as a union on `type`. One of a later release has a type that is none of these: let it pass. */
export type SkeinEvent = Omit<PlacedEvent, 'type' | 'body'> &
  { [K in keyof SessionEvents]: { type: K; body: SessionEvents[K] } }[keyof SessionEvents];

/** The node's own stream. */
const NODE = 'node';

interface ReadEvents {
  stream: string;
  /** The last one that is known: its offset, or its place in an epoch. */
  after: number | Cursor;
  follow: boolean;
  /** Fetches bodies that are too large for a page; otherwise their events say only where they are. */
  whole?: boolean;
  /** Ends it, also while it waits. */
  stopped?: AbortSignal;
}

/** Ends with the last event that there is, unless `follow`; then with the session's removal. */
export async function* readEvents(client: Client, what: ReadEvents): AsyncGenerator<PlacedEvent> {
  const { stream, after, follow, whole = false, stopped } = what;
  if (stopped?.aborted === true) return;
  const from = typeof after === 'number' ? { offset: after } : after;
  const pages = client.subscribe({ stream, from, follow });
  stopped?.addEventListener('abort', () => pages.close(), { once: true });
  for await (const page of pages) {
    for (const [i, event] of page.events.entries()) {
      const offset = page.first + i;
      const { type, at, by, source, body, blob } = whole
        ? await wholeEvent(client, stream, offset, event)
        : event;
      const kept = blob === undefined || whole ? {} : { blob };
      const copied = source === undefined ? {} : { source };
      yield { stream, epoch: page.epoch, offset, at, type, by, ...copied, body, ...kept };
      // The node's stream tells of the removal of each session; of a session it is the last that there is.
      if (follow && type === 'session.removed' && stream !== NODE) return;
    }
  }
}

type Session = Pick<Asks['session']['answer'], 'id' | 'cursor' | keyof Agents>;

/** Each event after what was told of a session, with what its agents are then. */
export async function* followAgents(
  client: Client,
  session: Session,
  stopped?: AbortSignal,
): AsyncGenerator<{ event: SkeinEvent; state: Agents }> {
  let state: Agents = session;
  const after = cursorOf(session);
  for await (const event of readEvents(client, {
    stream: `session/${session.id}`,
    after,
    follow: true,
    whole: true,
    ...(stopped === undefined ? {} : { stopped }),
  })) {
    state = reduceAgents(state, event, event.offset);
    yield { event: event as SkeinEvent, state };
  }
}

/** Where to go on from what was told of a session. A node that does not tell is read from the beginning. */
export function cursorOf({ cursor }: Pick<Session, 'cursor'>): Cursor {
  return cursor ?? { offset: 0 };
}
