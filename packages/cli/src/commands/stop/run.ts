/** Stops programs: all are told at once, then waited for. */
import { onEach } from '../../connect/node.ts';
import { resolveAll, signalAll, signalNamed } from '../../connect/signals.ts';
import type { Call } from '../../invocation/call.ts';
import { howItEnded } from '../../output/how-it-ended.ts';
import { print, printJson } from '../../output/write.ts';

const GRACE_SECONDS = 10;

export async function run(call: Call): Promise<void> {
  const signal = signalNamed(call.text('signal') ?? 'HUP');
  const grace = (call.integer('grace', 600) ?? GRACE_SECONDS) * 1000;
  const ended = await onEach(call.home, call.args('ref'), async (client, refs) =>
    signalAll(client, await resolveAll(client, refs), signal, grace),
  );
  if (call.json) return printJson(ended);
  for (const session of ended) print(`${session.name}: ${howItEnded(session)}`);
}
