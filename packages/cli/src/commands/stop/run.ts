/** Stops programs and agents: all are told at once, then waited for. */
import { SkeinError } from '@skein/protocol/errors';
import { living, resolveMeant, type StoppedAgent, stopAgents } from '../../agents/stop.ts';
import { onEach } from '../../connect/node.ts';
import { type EndedSession, signalAll, signalNamed } from '../../connect/signals.ts';
import type { Call } from '../../invocation/call.ts';
import { howItEnded } from '../../output/how-it-ended.ts';
import { print, printJson } from '../../output/write.ts';

const GRACE_SECONDS = 10;

export async function run(call: Call): Promise<void> {
  const signal = signalNamed(call.text('signal') ?? 'HUP');
  const grace = (call.integer('grace', 600) ?? GRACE_SECONDS) * 1000;
  const ended = await onEach<EndedSession | StoppedAgent>(
    call.home,
    call.args('ref'),
    async (client, refs) => {
      const meant = await resolveMeant(client, refs);
      const done = await Promise.all(
        meant.map(async (one) => {
          const { session, agents } = one;
          const alive = living(one);
          if (agents.length > 0 && alive.length === 0 && session.run?.state !== 'running')
            throw new SkeinError('not_running', `Nothing runs in "${session.name}" that could be stopped.`);
          const hasProgram = !one.one && (session.run?.state === 'running' || agents.length === 0);
          const [stopped, programs] = await Promise.all([
            stopAgents(client, session, alive, grace),
            hasProgram ? signalAll(client, [session], signal, grace) : [],
          ]);
          return [...programs, ...stopped];
        }),
      );
      return done.flat();
    },
  );
  if (call.json) return printJson(ended);
  for (const one of ended) print(`${one.name}: ${'agent' in one ? 'stopped' : howItEnded(one)}`);
}
