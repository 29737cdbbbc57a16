/** Forgets sessions and agents, after ending them when told to. */

import type { Client } from '@skein/protocol/client/client';
import { SkeinError } from '@skein/protocol/errors';
import { farIn, isLost } from '@skein/protocol/machines/words';
import { calledIn, living, type Meant, resolveMeant, stopAgents } from '../../agents/stop.ts';
import { findEach, placed } from '../../connect/each-node.ts';
import { signalAll } from '../../connect/signals.ts';
import type { Call } from '../../invocation/call.ts';
import { doEach } from '../../output/do-each.ts';

const ID = /^[a-z2-7]{12}$/;

/** Milliseconds to end by itself before it is ended. */
const GRACE_MS = 2_000;

/** A whole id that is no listed session's, with what the node says of it: what was recorded of it may be there still. */
interface Forgotten {
  id: string;
  unknown: SkeinError;
}

export async function run(call: Call): Promise<void> {
  const purge = call.flag('purge');
  const found = await findEach<Meant | Forgotten>(call.home, call.args('ref'), async (client, refs) => {
    const forgotten = purge ? await forgottenIn(client, refs) : [];
    const ids = new Set(forgotten.map(({ id }) => id));
    const listed = refs.filter((ref) => !ids.has(ref));
    return [...(await resolveMeant(client, listed)), ...forgotten];
  });
  // First, so that nothing is done to any when one is not known at all.
  for (const { client, one } of found) if ('unknown' in one) await forgetRecord(client, one);
  await doEach(found, {
    json: call.json,
    together: true,
    called: ({ one, node }) => placed({ node }, 'unknown' in one ? one.id : calledIn(one)),
    act: async ({ client, one }) => {
      if ('unknown' in one) return { id: one.id, name: null, purged: true };
      if (call.flag('force')) await end(client, one);
      await forget(client, one, purge);
      const { id } = one.session;
      const name = calledIn(one);
      return one.one ? { id, name, agent: one.agents[0]?.agent } : { id, name, purged: purge };
    },
  });
}

async function forgottenIn(client: Client, refs: readonly string[]): Promise<Forgotten[]> {
  const look = async (id: string): Promise<Forgotten[]> => {
    try {
      await client.ask('session', { ref: id });
      return [];
    } catch (thrown) {
      const unknown = SkeinError.from(thrown);
      return unknown.code === 'not_found' ? [{ id, unknown }] : [];
    }
  };
  const ids = new Set(refs.filter((ref) => ID.test(ref)));
  return (await Promise.all([...ids].map(look))).flat();
}

async function forgetRecord(client: Client, { id, unknown }: Forgotten): Promise<void> {
  try {
    await client.command('node', 'session.remove', { id, purge: true });
  } catch (thrown) {
    // That it is not known says more where names like it are told.
    throw SkeinError.from(thrown).code === 'not_found' ? unknown : thrown;
  }
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
