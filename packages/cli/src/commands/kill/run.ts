/** Sends a signal; after SIGKILL waits for the end, so that the next command finds it ended. */
import { SkeinError } from '@skein/protocol/errors';
import { onEach } from '../../connect/node.ts';
import { resolveAll, signalAll, signalNamed } from '../../connect/signals.ts';
import type { Call } from '../../invocation/call.ts';
import { printJson } from '../../output/write.ts';

export async function run(call: Call): Promise<void> {
  const signal = signalNamed(call.text('signal') ?? 'KILL');
  const sessions = await onEach(call.home, call.args('ref'), async (client, refs) => {
    const found = await resolveAll(client, refs);
    for (const { name, run, agents } of found)
      if (run === null && Object.keys(agents ?? {}).length > 0)
        throw new SkeinError('no_terminal', `Session "${name}" has no program that a signal could go to.`, {
          advice: `Its agents are ended by: skein stop ${name}`,
        });
    if (signal === 'SIGKILL') await signalAll(client, found, signal, undefined);
    else await Promise.all(found.map(({ id }) => client.command(`session/${id}`, 'run.signal', { signal })));
    return found;
  });
  if (call.json) printJson(sessions.map(({ id, name }) => ({ id, name, signal })));
}
