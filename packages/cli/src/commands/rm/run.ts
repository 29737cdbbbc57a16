/** Forgets sessions, after ending them when told to. */
import { onEach } from '../../connect/node.ts';
import { resolveAll, signalAll } from '../../connect/signals.ts';
import type { Call } from '../../invocation/call.ts';
import { printJson } from '../../output/write.ts';

/** Milliseconds to end by itself before it is ended. */
const GRACE_MS = 2_000;

export async function run(call: Call): Promise<void> {
  const purge = call.flag('purge');
  const sessions = await onEach(call.home, call.args('ref'), async (client, refs) => {
    const found = await resolveAll(client, refs);
    const running = found.filter((s) => s.run?.state === 'running');
    if (call.flag('force') && running.length > 0) await signalAll(client, running, 'SIGHUP', GRACE_MS);
    await Promise.all(found.map(({ id }) => client.command('node', 'session.remove', { id, purge })));
    return found;
  });
  if (call.json) printJson(sessions.map(({ id, name }) => ({ id, name, purged: purge })));
}
