/** Starts and ends the programs of a compose file's sessions (rule B3). */

import { settleProgram } from '@skein/client/settle-program';
import type { Client } from '@skein/protocol/client/client';
import { newId } from '@skein/protocol/ids';
import { living, stopAgents } from '../agents/stop.ts';
import { signalAll } from '../connect/signals.ts';
import { type ApplyContext, keptEnvironment, labelOf } from './apply-context.ts';

/** Milliseconds to end by itself before it is ended. */
const GRACE_MS = 5_000;

export async function makeSession(context: ApplyContext, part: string): Promise<void> {
  const { client, wanted, ids } = context;
  const session = wanted.sessions[part];
  if (session?.terminal === undefined) return;
  const { argv, cwd, env, size, sandbox } = session.terminal;
  const id = newId();
  const body = {
    ...{ id, run: newId(), name: session.name, argv, cwd, ...size },
    ...(session.workspace === undefined ? {} : { workspace: ids.workspace(session.workspace) }),
    ...(sandbox === undefined ? {} : { sandbox: { claim: newId(), globs: sandbox } }),
    env: await keptEnvironment(context, env),
    compose: labelOf(context, part, session.fields),
  };
  await client.command('node', 'session.create', body);
  await settleProgram(client, id);
  ids.madeSession(part, id);
}

/** Its program alone. */
export async function stopSession(client: Client, id: string): Promise<void> {
  const session = await client.ask('session', { ref: id });
  if (session.run?.state === 'running') await signalAll(client, [session], 'SIGHUP', GRACE_MS);
}

/** With all that is in it. */
export async function removeSession(client: Client, id: string, purge: boolean): Promise<void> {
  const session = await client.ask('session', { ref: id });
  const alive = living({ session, one: false, agents: Object.values(session.agents) });
  await Promise.all([
    alive.length === 0 ? [] : stopAgents(client, session, alive, GRACE_MS),
    session.run?.state === 'running' ? signalAll(client, [session], 'SIGHUP', GRACE_MS) : [],
  ]);
  await client.command('node', 'session.remove', { id, purge });
}
