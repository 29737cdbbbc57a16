/** Signals to sessions, and the end that they bring. */
import type { Client } from '@skein/protocol/client/client';
import { SkeinError } from '@skein/protocol/errors';
import type { Asks } from '@skein/protocol/sessions/asks';
import { SIGNALS, type SignalName } from '@skein/protocol/sessions/signals';
import type { RunState } from '@skein/protocol/sessions/state';
import { programEnd } from './program-end.ts';

type SessionAnswer = Asks['session']['answer'];

/** Milliseconds for the end to be told after SIGKILL. */
const TOLD_MS = 5_000;

export interface EndedSession {
  id: string;
  name: string;
  state: RunState;
  code: number | null;
  signal: number | null;
}

/** `TERM`, `sigterm` and `SIGTERM` are the same. Throws `bad_request` for a signal that cannot be sent. */
export function signalNamed(text: string): SignalName {
  const wanted = `SIG${text.toUpperCase().replace(/^SIG/, '')}`;
  const found = SIGNALS.find((signal) => signal === wanted);
  if (found !== undefined) return found;
  const names = SIGNALS.map((signal) => signal.slice(3)).join(', ');
  throw new SkeinError('bad_request', `There is no signal "${text}" to send. There are: ${names}.`);
}

/** All of them, each once however often it is named, or an error before anything was done to any. */
export async function resolveAll(client: Client, refs: readonly string[]): Promise<SessionAnswer[]> {
  const found = await Promise.all(refs.map((ref) => client.ask('session', { ref })));
  return [...new Map(found.map((session) => [session.id, session])).values()];
}

/** Sends a signal to each, with SIGKILL after its grace, and waits for their ends. */
export async function signalAll(
  client: Client,
  sessions: readonly SessionAnswer[],
  signal: SignalName,
  grace: number | undefined,
): Promise<EndedSession[]> {
  const body = grace === undefined ? { signal } : { signal, grace };
  await Promise.all(sessions.map(({ id }) => client.command(`session/${id}`, 'run.signal', body)));
  const timeout = (grace ?? 0) + TOLD_MS;
  return Promise.all(
    sessions.map(async (session) => {
      const { id, name } = session;
      const run = await programEnd(client, session, timeout);
      const state = run?.state ?? 'failed';
      if (state === 'running' || state === 'starting')
        throw new SkeinError('timeout', `"${name}" was sent ${signal} and still runs.`, { id });
      return { id, name, state, code: run?.code ?? null, signal: run?.signal || null };
    }),
  );
}
