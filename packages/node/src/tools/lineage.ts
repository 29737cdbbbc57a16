/** From whom an agent comes that is being added, and what it may do with others (rules N1, N2). Pure. */

import type { AgentLifeEvents } from '@skein/protocol/agents/life-events';
import { MAX_AGENTS } from '@skein/protocol/agents/limits';
import type { SessionState } from '@skein/protocol/sessions/state';
import { type Capability, type DirectWish, farWish, given, handedOn } from '@skein/protocol/tools/capability';
import { MAX_DIRECT_DEPTH } from '@skein/protocol/tools/limits';
import { reachedBy } from '@skein/protocol/tools/lineage';
import { giverIn } from '@skein/protocol/tools/reduce';
import { limitReached } from './refusals.ts';

type Lineage = Pick<AgentLifeEvents['agent.added'], 'above' | 'direct'>;

/** `far`: it is to run on another machine. Throws `limit_reached` where an agent adds one that it may not. */
export function lineageOf(
  state: SessionState,
  { wish: said, far }: { wish: DirectWish | undefined; far: boolean },
  by: unknown,
): Lineage {
  const wish = far ? farWish(said) : said;
  const id = giverIn(by);
  const parent = id === undefined ? undefined : state.agents[id];
  if (parent === undefined) return withDirect(given(wish));
  const reached = reachedBy(state, parent);
  if (reached !== undefined) throw limitReached(state, parent, reached);
  if (Object.keys(state.agents).length >= MAX_AGENTS)
    throw limitReached(state, parent, { which: 'agents', of: parent.agent, limit: MAX_AGENTS });
  const above = [parent.agent, ...(parent.above ?? [])].slice(0, MAX_DIRECT_DEPTH);
  return { above, ...withDirect(parent.direct ? handedOn(parent.direct, wish) : null) };
}

function withDirect(direct: Capability | null): Lineage {
  return direct === null ? {} : { direct };
}
