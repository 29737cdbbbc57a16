/** Attaches to a session, by default the newest that runs. */
import { SkeinError } from '@skein/protocol/errors';
import { MAX_HISTORY } from '@skein/protocol/limits';
import { attachTo, needTerminal } from '../../attach/attach.ts';
import { printHistory } from '../../attach/history.ts';
import { sessionsOf } from '../../connect/sessions.ts';
import type { Call } from '../../invocation/call.ts';

export async function run(call: Call): Promise<number> {
  needTerminal();
  const ref = call.arg('ref') ?? (await newest(call.home));
  const history = call.integer('history', MAX_HISTORY) ?? 0;
  if (history > 0) await printHistory(call.home, ref, history);
  return attachTo(call.home, ref, call.flag('read-only'));
}

async function newest(home: string): Promise<string> {
  const sessions = await sessionsOf(home);
  const session = sessions.findLast((s) => s.state === 'running' && s.id !== process.env.SKEIN_SESSION);
  if (session !== undefined) return session.id;
  throw new SkeinError('not_found', 'No session is running. Start one: skein run bash');
}
