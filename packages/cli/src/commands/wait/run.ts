/** Waits for the end of a program. */
import { SkeinError } from '@skein/protocol/errors';
import { connectNode } from '../../connect/node.ts';
import { placeOf } from '../../connect/place.ts';
import type { Call } from '../../invocation/call.ts';
import { statusOf } from '../../output/how-it-ended.ts';
import { printJson } from '../../output/write.ts';

/** Milliseconds that one question may stand; longer waits ask again. */
const MOST = 3_600_000;
/** Milliseconds for which a node that restarts is waited for. */
const RETRY_MS = 60_000;

export async function run(call: Call): Promise<number> {
  const seconds = call.integer('timeout', 1_000_000_000);
  const deadline = seconds === undefined ? Number.POSITIVE_INFINITY : Date.now() + seconds * 1000;
  const { node, ref } = placeOf(call.needed('ref'));
  const client = await connectNode(call.home, { node, retryFor: RETRY_MS });
  const { id } = await client.ask('session', { ref });
  for (;;) {
    const timeout = Math.max(0, Math.min(MOST, deadline - Date.now()));
    const { name, run } = await client.ask('ended', { ref: id, timeout });
    if (run === null || run.state === 'failed' || run.state === 'lost')
      throw new SkeinError('host_lost', `"${name}" did not end by itself: ${run?.why ?? 'it never ran'}`, {
        id,
      });
    if (run.state === 'exited') {
      const { state, code = null, signal = null } = run;
      if (call.json) printJson({ id, name, state, code, signal: signal || null });
      return statusOf(run);
    }
    if (Date.now() >= deadline)
      throw new SkeinError('timeout', `"${name}" still runs after ${seconds} seconds.`, { id });
  }
}
