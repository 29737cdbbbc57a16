/** Who has started whom, and how much of what they may start is left, as pure functions of a session's agents (rule N2). */
import { type AgentState, type Agents, isAlive } from '../agents/state.ts';

type All = Pick<Agents, 'agents'>;

/** Whether `agent` was started by `above`, or by one that was. */
export function isBelow(agent: Pick<AgentState, 'above'>, above: string): boolean {
  return agent.above?.includes(above) === true;
}

/** Agents alive below one, however deep. */
export function aliveBelow({ agents }: All, above: string): number {
  return Object.values(agents).filter((one) => isAlive(one) && isBelow(one, above)).length;
}

/** Which limit keeps an agent from starting another, whose it is, and what it says. */
export interface Reached {
  which: 'depth' | 'spawn';
  /** The agent whose limit it is: itself or one above it. */
  of: string;
  limit: number;
}

/** The limit that is reached; undefined when it may start another. */
export function reachedBy(all: All, agent: AgentState): Reached | undefined {
  const { direct, agent: id, above = [] } = agent;
  if (!direct || direct.depth < 1) return { which: 'depth', of: id, limit: direct?.depth ?? 0 };
  for (const of of [id, ...above]) {
    const limit = (Object.hasOwn(all.agents, of) ? all.agents[of] : undefined)?.direct?.spawn;
    if (limit !== undefined && aliveBelow(all, of) >= limit) return { which: 'spawn', of, limit };
  }
  return undefined;
}

/** How many more an agent may start now. */
export function leftFor(all: All, agent: AgentState): number {
  const { direct, agent: id, above = [] } = agent;
  if (!direct || direct.depth < 1) return 0;
  let left = direct.spawn;
  for (const of of [id, ...above]) {
    const limit = (Object.hasOwn(all.agents, of) ? all.agents[of] : undefined)?.direct?.spawn;
    if (limit !== undefined) left = Math.min(left, limit - aliveBelow(all, of));
  }
  return Math.max(0, left);
}
