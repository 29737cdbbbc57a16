/** The end of a session's program, whatever its agents do meanwhile. */

import { readEvents } from '@skein/client/events';
import type { Client } from '@skein/protocol/client/client';
import type { Asks } from '@skein/protocol/sessions/asks';
import type { Run } from '@skein/protocol/sessions/state';

type Session = Asks['session']['answer'];

const ENDS = ['run.exited', 'run.lost', 'run.failed'];

/** Its last run, as it is once that has ended, or after `ms`. */
export async function programEnd(client: Client, session: Session, ms: number): Promise<Run | null> {
  // A session without agents is waited for by its node.
  if (Object.keys(session.agents ?? {}).length === 0) {
    const { run } = await client.ask('ended', { ref: session.id, timeout: ms });
    return run;
  }
  if (isRunning(session.run)) await Promise.race([ended(client, session), late(ms)]);
  return (await client.ask('session', { ref: session.id })).run;
}

export function isRunning(run: Run | null): boolean {
  return run?.state === 'running' || run?.state === 'starting';
}

async function ended(client: Client, { id, run, cursor }: Session): Promise<void> {
  const after = cursor ?? 0;
  for await (const { type, body } of readEvents(client, { stream: `session/${id}`, after, follow: true }))
    if (ENDS.includes(type) && (body as { run?: string } | undefined)?.run === run?.run) return;
}

function late(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms).unref());
}
