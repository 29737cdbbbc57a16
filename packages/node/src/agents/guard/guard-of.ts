/** The guard of a run of an agent that works in a workspace. */
import type { AgentState } from '@skein/protocol/agents/state';
import type { AgentRunContext } from '../agent-run-context.ts';
import { Guard } from './guard.ts';
import { tellsReads, wayOf } from './way.ts';
import { workspaceOf } from './workspace-of.ts';

/** Undefined for one that works elsewhere. */
export function guardOf(
  { gate }: Pick<AgentRunContext, 'gate'>,
  session: string,
  agent: AgentState,
  wake: () => void,
): Guard | undefined {
  const workspace = workspaceOf(agent);
  const { run } = agent;
  if (gate === undefined || workspace === null || run?.driver === undefined) return undefined;
  const way = wayOf(run.driver, run.options);
  const who = { session, agent: agent.agent, run: run.run, cwd: agent.cwd };
  const writer = { ...who, workspace: workspace.id, tellsReads: tellsReads(run.driver, way) };
  return new Guard({ gate, writer, workspace, way }, wake);
}
