/** Asks an agent to end its turn, and waits until it has (rule A4). */
import { SkeinError } from '@skein/protocol/errors';
import { findAgent, streamOf, untilAgents } from '../../agents/open.ts';
import { takeBack } from '../../agents/take-back.ts';
import type { Call } from '../../invocation/call.ts';
import { print, printJson } from '../../output/write.ts';

const WAIT_SECONDS = 30;

export async function run(call: Call): Promise<void> {
  const ms = (call.integer('wait', 3_600) ?? WAIT_SECONDS) * 1000;
  const { client, session, agent, ref } = await findAgent(call.home, call.needed('ref'));
  const { agent: id, name, queue, turn } = agent;
  const stream = streamOf(session);
  const waiting = call.flag('all') ? queue.map(({ prompt }) => prompt) : [];
  // One that was begun with meanwhile is the turn that is ended.
  const prompts = await takeBack(client, stream, id, waiting);
  const nothing = turn === null && prompts.length > 0;
  const cancelled = nothing
    ? null
    : ((await client.command(stream, 'turn.cancel', { agent: id })) as Cancelled);
  if (cancelled !== null) {
    const over = await untilAgents(
      client,
      session,
      ({ agents }) => agents[id]?.turn?.turn !== cancelled.turn,
      ms,
    );
    if (over === undefined)
      throw new SkeinError('timeout', `"${name}" was asked to end its turn and has not yet.`, {
        advice: `Wait for it: skein cancel ${ref} · or end it: skein restart ${ref}`,
      });
  }
  if (call.json)
    return printJson({ session: session.id, agent: id, name, turn: cancelled?.turn ?? null, prompts });
  const said = [
    ...(cancelled === null ? [] : ['its turn has ended']),
    ...(prompts.length === 0 ? [] : [`${prompts.length} taken back that waited`]),
  ];
  print(`${name}: ${said.join(', ')}`);
}

interface Cancelled {
  turn: string;
}
