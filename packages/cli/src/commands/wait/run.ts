/** Waits for the end of a program, for what it says, or until agents are done. */
import { SkeinError } from '@skein/protocol/errors';
import { untilDone } from '../../agents/doings.ts';
import { agentPlaceOf, agentsMeant } from '../../agents/named.ts';
import { connectNode } from '../../connect/node.ts';
import { isRunning, programEnd } from '../../connect/program-end.ts';
import type { Call } from '../../invocation/call.ts';
import { statusOf } from '../../output/how-it-ended.ts';
import { complain, printJson } from '../../output/write.ts';
import { untilSaid } from './until-said.ts';

/** Milliseconds that one question may stand; longer waits ask again. */
const MOST = 3_600_000;
/** Milliseconds for which a node that restarts is waited for. */
const RETRY_MS = 60_000;

export async function run(call: Call): Promise<number> {
  const seconds = call.integer('timeout', 1_000_000_000);
  const deadline = seconds === undefined ? Number.POSITIVE_INFINITY : Date.now() + seconds * 1000;
  const { node, ref, agent } = agentPlaceOf(call.needed('ref'));
  const said = call.text('for');
  if (said === undefined && call.text('from') !== undefined)
    throw new SkeinError('bad_request', '--from goes with --for TEXT.');
  if (said !== undefined) {
    if (agent !== undefined)
      throw new SkeinError('bad_request', '--for is for programs. What agents say: skein transcript');
    if (said.trim() === '' || /[\x00-\x1f\x7f]/.test(said))
      throw new SkeinError('bad_request', '--for takes words of one line.');
  }
  const client = await connectNode(call.home, { node, retryFor: RETRY_MS });
  const session = await client.ask('session', { ref });
  const { id, name } = session;
  const overdue = (what: string) =>
    new SkeinError('timeout', `"${name}" ${what} after ${seconds} seconds.`, { id });
  if (said !== undefined) {
    const from = call.integer('from') ?? 0;
    // One that has ended is read to its end, however short the time.
    const ms = isRunning(session.run) ? deadline - Date.now() : Number.POSITIVE_INFINITY;
    const found = await untilSaid({ client, id, node }, said.trim(), from, ms);
    if (found.kind === 'late') throw overdue('has not said that');
    if (found.kind === 'ended')
      throw new SkeinError('not_running', `"${name}" has ended without saying that.`, { id });
    if (call.json) printJson({ id, name, to: found.to });
    return 0;
  }
  const agents = agent === undefined && session.run !== null ? [] : agentsMeant(session, agent);
  if (agents.length > 0) {
    const now = await untilDone(client, session, agents, deadline - Date.now());
    const told = agents.map((one) => ({ id, name: `${name}/${one.name}`, agent: one.agent }));
    const ends = told.map((one) => ({ ...one, life: now.agents[one.agent]?.life ?? 'removed' }));
    if (call.json) printJson(ends);
    const ended = ends.filter(({ life }) => life !== 'running');
    if (!call.json) for (const one of ended) complain(`${one.name} is ${one.life}.`);
    return ended.length === 0 ? 0 : 1;
  }
  for (;;) {
    const timeout = Math.max(0, Math.min(MOST, deadline - Date.now()));
    const run = await programEnd(client, session, timeout);
    if (run === null || run.state === 'failed' || run.state === 'lost')
      throw new SkeinError('host_lost', `"${name}" did not end by itself: ${run?.why ?? 'it never ran'}`, {
        id,
      });
    if (run.state === 'exited') {
      const { state, code = null, signal = null } = run;
      if (call.json) printJson({ id, name, state, code, signal: signal || null });
      return statusOf(run);
    }
    if (Date.now() >= deadline) throw overdue('still runs');
  }
}
