/** Forgets sessions and agents, after ending them when told to. */

import type { Client } from '@skein/protocol/client/client';
import { farIn, isLost } from '@skein/protocol/machines/words';
import { living, type Meant, resolveMeant, stopAgents } from '../../agents/stop.ts';
import { onEach } from '../../connect/node.ts';
import { signalAll } from '../../connect/signals.ts';
import type { Call } from '../../invocation/call.ts';
import { printJson } from '../../output/write.ts';

/** Milliseconds to end by itself before it is ended. */
const GRACE_MS = 2_000;

export async function run(call: Call): Promise<void> {
  const purge = call.flag('purge');
  const removed = await onEach(call.home, call.args('ref'), async (client, refs) => {
    const found = await resolveMeant(client, refs);
    if (call.flag('force')) await Promise.all(found.map((one) => end(client, one)));
    await Promise.all(found.map((one) => forget(client, one, purge)));
    return found;
  });
  if (!call.json) return;
  printJson(
    removed.map(({ session: { id, name }, one, agents }) =>
      one ? { id, name: `${name}/${agents[0]?.name}`, agent: agents[0]?.agent } : { id, name, purged: purge },
    ),
  );
}

async function end(client: Client, meant: Meant): Promise<void> {
  const { session, one } = meant;
  // One that nothing said here reaches any more is only forgotten.
  const alive = living(meant).filter(({ agent }) => !isLost(farIn(session, agent)));
  await Promise.all([
    alive.length === 0 ? [] : stopAgents(client, session, alive, GRACE_MS),
    one || session.run?.state !== 'running' ? [] : signalAll(client, [session], 'SIGHUP', GRACE_MS),
  ]);
}

async function forget(client: Client, { session, one, agents }: Meant, purge: boolean): Promise<void> {
  if (!one) await client.command('node', 'session.remove', { id: session.id, purge });
  else
    for (const { agent } of agents) await client.command(`session/${session.id}`, 'agent.remove', { agent });
}
