/** Sends a signal; after SIGKILL waits for the end, so that the next command finds it ended. */
import { SkeinError } from '@skein/protocol/errors';
import { findEach, placed } from '../../connect/each-node.ts';
import { resolveAll, send, signalAll, signalNamed } from '../../connect/signals.ts';
import type { Call } from '../../invocation/call.ts';
import { doEach } from '../../output/do-each.ts';

export async function run(call: Call): Promise<void> {
  const signal = signalNamed(call.text('signal') ?? 'KILL');
  const found = await findEach(call.home, call.args('ref'), resolveAll);
  for (const { one } of found)
    if (one.run === null && Object.keys(one.agents ?? {}).length > 0)
      throw new SkeinError('no_terminal', `Session "${one.name}" has no program that a signal could go to.`, {
        advice: `Its agents are ended by: skein stop ${one.name}`,
      });
  await doEach(found, {
    json: call.json,
    together: true,
    called: (found) => placed(found, found.one.name),
    act: async ({ client, node, one }) => {
      const { id, name } = one;
      const here = node === undefined;
      if (signal === 'SIGKILL') await signalAll(client, [one], signal, undefined, here);
      else await send(client, one, signal, undefined, here);
      return { id, name, signal };
    },
  });
}
