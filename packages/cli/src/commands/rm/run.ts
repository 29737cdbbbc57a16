/** Forgets sessions and agents, after ending them when told to. */

import type { Client } from '@skein/protocol/client/client';
import { farIn, isLost } from '@skein/protocol/machines/words';
import { calledIn, living, type Meant, resolveMeant, stopAgents } from '../../agents/stop.ts';
import { findEach, placed } from '../../connect/each-node.ts';
import { signalAll } from '../../connect/signals.ts';
import type { Call } from '../../invocation/call.ts';
import { doEach } from '../../output/do-each.ts';

/** Milliseconds to end by itself before it is ended. */
const GRACE_MS = 2_000;

export async function run(call: Call): Promise<void> {
  const purge = call.flag('purge');
  const found = await findEach(call.home, call.args('ref'), resolveMeant);
  await doEach(found, {
    json: call.json,
    together: true,
    called: (one) => placed(one, calledIn(one.one)),
    act: async ({ client, one }) => {
      if (call.flag('force')) await end(client, one);
      await forget(client, one, purge);
      const { id } = one.session;
      const name = calledIn(one);
      return one.one ? { id, name, agent: one.agents[0]?.agent } : { id, name, purged: purge };
    },
  });
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
