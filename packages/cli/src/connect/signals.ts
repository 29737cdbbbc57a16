/** Signals to sessions, and the end that they bring. */
import type { Client } from '@skein/protocol/client/client';
import { SkeinError } from '@skein/protocol/errors';
import type { Asks } from '@skein/protocol/sessions/asks';
import { SIGNALS, type SignalName } from '@skein/protocol/sessions/signals';
import type { RunState } from '@skein/protocol/sessions/state';
import { complain } from '../output/write.ts';
import { programEnd } from './program-end.ts';
import { hasEnded, nothingRecorded, signalHere } from './unrecorded.ts';

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

/**
 * Sends a signal to each, with SIGKILL after its grace, and waits for their ends. With `here`, which says that they are of this
 * machine, also where its node can record nothing: how those ended is told as nobody knows it.
 */
export async function signalAll(
  client: Client,
  sessions: readonly SessionAnswer[],
  signal: SignalName,
  grace: number | undefined,
  here = false,
): Promise<EndedSession[]> {
  const told = await Promise.all(sessions.map((one) => send(client, one, signal, grace, here)));
  const timeout = (grace ?? 0) + TOLD_MS;
  return Promise.all(
    sessions.map(async (session, i) => {
      const { id, name } = session;
      const stays = () => new SkeinError('timeout', `"${name}" was sent ${signal} and still runs.`, { id });
      if (told[i] === 'unrecorded' && session.run !== null) {
        if (grace !== undefined && !(await hasEnded(session.run, grace))) signalHere(session.run, 'SIGKILL');
        if (!(await hasEnded(session.run, TOLD_MS))) throw stays();
        return { id, name, state: 'exited' as const, code: null, signal: null };
      }
      const run = await programEnd(client, session, timeout);
      const state = run?.state ?? 'failed';
      if (state === 'running' || state === 'starting') throw stays();
      return { id, name, state, code: run?.code ?? null, signal: run?.signal || null };
    }),
  );
}

/** By its node, which records it. Where it cannot, and the program runs `here`, to the program itself. */
export async function send(
  client: Client,
  { id, name, run }: SessionAnswer,
  signal: SignalName,
  grace: number | undefined,
  here: boolean,
): Promise<'recorded' | 'unrecorded'> {
  try {
    await client.command(`session/${id}`, 'run.signal', grace === undefined ? { signal } : { signal, grace });
    return 'recorded';
  } catch (error) {
    if (!here || !nothingRecorded(error) || run === null || !signalHere(run, signal)) throw error;
    complain(`${name} was sent ${signal} though nothing can be recorded: ${SkeinError.from(error).message}`);
    return 'unrecorded';
  }
}
