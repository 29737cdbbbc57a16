/** Sends a signal; after SIGKILL waits for the end, so that the next command finds it ended. */
import { onEach } from '../../connect/node.ts';
import { resolveAll, signalAll, signalNamed } from '../../connect/signals.ts';
import type { Call } from '../../invocation/call.ts';
import { printJson } from '../../output/write.ts';

export async function run(call: Call): Promise<void> {
  const signal = signalNamed(call.text('signal') ?? 'KILL');
  const sessions = await onEach(call.home, call.args('ref'), async (client, refs) => {
    const found = await resolveAll(client, refs);
    if (signal === 'SIGKILL') await signalAll(client, found, signal, undefined);
    else await Promise.all(found.map(({ id }) => client.command(`session/${id}`, 'run.signal', { signal })));
    return found;
  });
  if (call.json) printJson(sessions.map(({ id, name }) => ({ id, name, signal })));
}
