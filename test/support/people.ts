/** What people on a session come to: refusals by code, the events that somebody is given. */
import type { Client } from '@skein/protocol/client/client';
import { SkeinError } from '@skein/protocol/errors';
import type { StoredEvent } from '@skein/protocol/sessions/events';
import { expect } from 'vitest';

/** The code that something was refused with, or `done`. */
export async function codeOf(act: Promise<unknown>): Promise<string> {
  try {
    await act;
    return 'done';
  } catch (error) {
    return SkeinError.from(error).code;
  }
}

/** All events of a session, as this client is given them. */
export async function eventsOf(client: Client, session: string): Promise<StoredEvent[]> {
  const events: StoredEvent[] = [];
  for await (const page of client.subscribe({
    stream: `session/${session}`,
    from: { offset: 0 },
    follow: false,
  })) {
    expect(page.first).toBe(events.length + 1);
    events.push(...page.events);
  }
  return events;
}

/** Resolves once the session's log has an event like that. */
export async function happened(
  client: Client,
  session: string,
  wanted: (event: StoredEvent) => boolean,
): Promise<StoredEvent> {
  const events = client.subscribe({ stream: `session/${session}`, from: { offset: 0 }, follow: true });
  for await (const page of events) for (const event of page.events) if (wanted(event)) return event;
  throw new Error('The log ended.');
}
