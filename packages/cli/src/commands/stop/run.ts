/** Stops programs and agents: all are told at once, then waited for. */
import { SkeinError } from '@skein/protocol/errors';
import { calledIn, living, type Meant, resolveMeant, stopAgents } from '../../agents/stop.ts';
import { type Found, findEach, placed } from '../../connect/each-node.ts';
import { signalAll, signalNamed } from '../../connect/signals.ts';
import type { Call } from '../../invocation/call.ts';
import { doEach } from '../../output/do-each.ts';
import { howItEnded } from '../../output/how-it-ended.ts';
import { print } from '../../output/write.ts';

const GRACE_SECONDS = 10;

export async function run(call: Call): Promise<void> {
  const signal = signalNamed(call.text('signal') ?? 'HUP');
  const grace = (call.integer('grace', 600) ?? GRACE_SECONDS) * 1000;
  const found = await findEach(call.home, call.args('ref'), resolveMeant);
  await doEach(found, {
    json: call.json,
    together: true,
    called: (one) => placed(one, calledIn(one.one)),
    act: async (one) => {
      const ended = await end(one);
      if (!call.json)
        for (const each of ended) print(`${each.name}: ${'agent' in each ? 'stopped' : howItEnded(each)}`);
      return ended;
    },
  });

  async function end({ client, node, one }: Found<Meant>) {
    const { session, agents } = one;
    const alive = living(one);
    if (agents.length > 0 && alive.length === 0 && session.run?.state !== 'running')
      throw new SkeinError('not_running', `Nothing runs in "${session.name}" that could be stopped.`);
    const hasProgram = !one.one && (session.run?.state === 'running' || agents.length === 0);
    const [stopped, programs] = await Promise.all([
      stopAgents(client, session, alive, grace),
      hasProgram ? signalAll(client, [session], signal, grace, node === undefined) : [],
    ]);
    return [...programs, ...stopped];
  }
}
