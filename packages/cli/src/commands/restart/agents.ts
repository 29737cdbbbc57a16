/** Starts agents again, with their own sessions where they can go on with them (rule A6). */
import { followAgents, type SkeinEvent } from '@skein/client/events';
import type { AgentLifeEvents } from '@skein/protocol/agents/life-events';
import type { AgentState } from '@skein/protocol/agents/state';
import type { Client } from '@skein/protocol/client/client';
import { type ErrorCode, SkeinError } from '@skein/protocol/errors';
import { newId } from '@skein/protocol/ids';
import type { Far } from '@skein/protocol/machines/far';
import { type Session, streamOf } from '../../agents/open.ts';
import { resolveMeant } from '../../agents/stop.ts';
import { findEach, placed } from '../../connect/each-node.ts';
import type { Call } from '../../invocation/call.ts';
import { doEach } from '../../output/do-each.ts';
import { print } from '../../output/write.ts';

interface Restarted {
  id: string;
  name: string;
  agent: string;
  run: string;
  resumed: boolean;
}

export async function restartAgents(call: Call): Promise<void> {
  const fresh = call.flag('fresh');
  const found = await findEach(call.home, call.args('ref'), resolveMeant);
  for (const { one } of found)
    if (one.agents.length === 0)
      throw new SkeinError('bad_request', `Session "${one.session.name}" has no agents to start again.`, {
        advice: 'A program is started anew by: skein run',
      });
  const all = found.flatMap(({ one: { session, agents }, ...there }) =>
    agents.map((agent) => ({ ...there, session, agent })),
  );
  await doEach(all, {
    json: call.json,
    together: true,
    called: (one) => placed(one, `${one.session.name}/${one.agent.name}`),
    act: async ({ client, session, agent }) => {
      const started = await again(client, session, agent, fresh);
      const how = started.resumed ? 'and goes on with its session' : 'with a new session of its own';
      if (!call.json) print(`${started.name} has started again, ${how}.`);
      return started;
    },
  });
}

export async function again(
  client: Client,
  session: Session,
  { agent, name }: AgentState,
  fresh: boolean,
): Promise<Restarted> {
  const run = newId();
  const far = session.far[agent];
  await client.command(streamOf(session), 'agent.restart', { agent, run, fresh });
  if (far !== undefined && isAway(far)) throw unreachable(far);
  for await (const { event, state } of followAgents(client, session)) {
    const body = event.body as Partial<AgentLifeEvents['agent.failed']>;
    if (event.type === 'agent.failed' && body.run === run)
      throw SkeinError.fromBody({ code: body.code as ErrorCode, message: body.message ?? '' });
    if (far !== undefined) checkFar(event, agent, far);
    const now = state.agents[agent];
    if (now === undefined) break;
    if (now.run?.run === run && now.life !== 'starting')
      return {
        id: session.id,
        name: `${session.name}/${name}`,
        agent,
        run,
        resumed: now.run.resume !== null,
      };
  }
  throw new SkeinError('gone', `"${name}" was removed before it had started again.`);
}

/** On another machine it may be refused there, or nobody there listens to this one any more. Throws that. */
function checkFar({ type, body }: SkeinEvent, agent: string, { node }: Far): void {
  if (type === 'far.unleased' && body.agent === agent)
    throw new SkeinError('lease_lost', `${node}: ${body.why}`);
  if (type === 'far.heard' && body.agent === agent && body.error !== undefined)
    throw SkeinError.fromBody({ code: body.error.code as ErrorCode, message: body.error.message });
  if (type === 'far.link' && body.agent === agent && isAway(body)) throw unreachable({ node });
}

const isAway = ({ link }: Pick<Far, 'link'>) => link === 'down' || link === 'ended';

function unreachable({ node }: Pick<Far, 'node'>): SkeinError {
  return new SkeinError(
    'peer_unreachable',
    `${node} cannot be reached now: it is started as soon as that can be.`,
  );
}
