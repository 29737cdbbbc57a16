/** Forgets sessions, after ending them when told to. */
import { connectNode } from '../../connect/node.ts';
import { resolveAll, signalAll } from '../../connect/signals.ts';
import type { Call } from '../../invocation/call.ts';
import { printJson } from '../../output/write.ts';

/** Milliseconds to end by itself before it is ended. */
const GRACE_MS = 2_000;

export async function run(call: Call): Promise<void> {
  const purge = call.flag('purge');
  const client = await connectNode(call.home);
  const sessions = await resolveAll(client, call.args('ref'));
  const running = sessions.filter((s) => s.run?.state === 'running');
  if (call.flag('force') && running.length > 0) await signalAll(client, running, 'SIGHUP', GRACE_MS);
  await Promise.all(sessions.map(({ id }) => client.command('node', 'session.remove', { id, purge })));
  if (call.json) printJson(sessions.map(({ id, name }) => ({ id, name, purged: purge })));
}
