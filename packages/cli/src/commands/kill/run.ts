/** Sends a signal; after SIGKILL waits for the end, so that the next command finds it ended. */
import { connectNode } from '../../connect/node.ts';
import { resolveAll, signalAll, signalNamed } from '../../connect/signals.ts';
import type { Call } from '../../invocation/call.ts';
import { printJson } from '../../output/write.ts';

export async function run(call: Call): Promise<void> {
  const signal = signalNamed(call.text('signal') ?? 'KILL');
  const client = await connectNode(call.home);
  const sessions = await resolveAll(client, call.args('ref'));
  if (signal === 'SIGKILL') await signalAll(client, sessions, signal, undefined);
  else await Promise.all(sessions.map(({ id }) => client.command(`session/${id}`, 'run.signal', { signal })));
  if (call.json) printJson(sessions.map(({ id, name }) => ({ id, name, signal })));
}
