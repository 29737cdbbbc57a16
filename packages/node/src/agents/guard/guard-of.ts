/** The guard of a run of an agent that works in a workspace, and what listens to its hooks, as one thing that can be stopped. */
import type { AgentState } from '@skein/protocol/agents/state';
import { SkeinError } from '@skein/protocol/errors';
import { NODE_ITSELF } from '@skein/protocol/members/who';
import { claimsDir } from '../../hooks/places.ts';
import type { AgentRunContext } from '../agent-run-context.ts';
import { Guard } from './guard.ts';
import { HookAsks } from './hook-asks.ts';
import { tellsReads, wayOf } from './way.ts';

/** Undefined for one that works elsewhere. `target` is its session's stream. */
export function guardOf(
  { gate, home, kernel }: Pick<AgentRunContext, 'gate' | 'home' | 'kernel'>,
  target: string,
  agent: AgentState,
  wake: () => void,
): Guard | undefined {
  const { run, workspace = null } = agent;
  if (gate === undefined || workspace === null || run?.driver === undefined) return undefined;
  const way = wayOf(run.driver, run.options);
  const session = target.slice('session/'.length);
  const who = { session, agent: agent.agent, run: run.run, cwd: agent.cwd };
  const writer = { ...who, workspace: workspace.id, tellsReads: tellsReads(run.driver, way) };
  const guard = new Guard({ gate, writer, workspace, way }, wake);
  guard.takenUp(agent.turn !== null);
  if (way !== 'hooks') return guard;
  const asks = new HookAsks(claimsDir(home, run.run), guard, async (event) => {
    const body = { events: [event] };
    const reply = await kernel.submit(NODE_ITSELF, { target, type: 'workspace.notes', body });
    if (!reply.ok) throw SkeinError.fromBody(reply.error);
  });
  asks.start();
  guard.onStop(() => asks.stop());
  return guard;
}
