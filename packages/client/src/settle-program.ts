/** Waits until a new session's program has started, or leaves nothing of one that could not be. */
import type { Client } from '@skein/protocol/client/client';
import { type ErrorCode, SkeinError } from '@skein/protocol/errors';
import type { SessionEvents } from '@skein/protocol/sessions/events';

/** Waits for the start. A program that never ran is refused, and its session with nothing in it does not stay. */
export async function settleProgram(client: Client, id: string): Promise<void> {
  const { run } = await client.ask('started', { ref: id });
  if (run?.state !== 'failed') return;
  const error = await whyFailed(client, id);
  await client.command('node', 'session.remove', { id, purge: true });
  throw error ?? new SkeinError('start_failed', run.why ?? 'The program could not be started.');
}

async function whyFailed(client: Client, id: string): Promise<SkeinError | undefined> {
  for await (const { events } of client.subscribe({
    stream: `session/${id}`,
    from: { offset: 0 },
    follow: false,
  })) {
    const failed = events.find((event) => event.type === 'run.failed');
    if (failed === undefined) continue;
    const { code, message } = failed.body as SessionEvents['run.failed'];
    return SkeinError.fromBody({ code: code as ErrorCode, message });
  }
  return undefined;
}
