/** Who types is recorded once somebody else does, in sessions that have members (rule M3). Pure. */

import { LOCAL } from '@skein/protocol/host/local';
import { standingOf } from '@skein/protocol/members/state';
import { LOCAL_OWNER, sameWho, type Who } from '@skein/protocol/members/who';
import type { SessionState } from '@skein/protocol/sessions/state';
import type { Decision } from '../kernel/types.ts';

/** How hosts name agents that type by their tools; any other name than that and LOCAL is a device's PeerId. */
const AGENT = 'agent ';
export const agentTypes = (agent: string): string => `${AGENT}${agent}`;

/** What a host tells: `who` typed last, when the run's output was `offset` bytes long. */
export interface Typed {
  run: string;
  who: string;
  offset: number;
}

export function typed(state: SessionState, { run, who, offset }: Typed): Decision {
  if (Object.keys(state.members).length === 0) return {};
  const by = whoIs(state, who);
  if (by === undefined || (state.typist?.run === run && sameWho(state.typist.by, by))) return {};
  return { events: [{ type: 'run.typed', body: { run, by, offset } }] };
}

/** Whom a host means; undefined for a device that is no member's any more. */
export function whoIs(
  state: Pick<SessionState, 'id' | 'members' | 'tickets' | 'agents'>,
  who: string,
): Who | undefined {
  if (who === LOCAL) return LOCAL_OWNER;
  if (who.startsWith(AGENT)) {
    const agent = state.agents[who.slice(AGENT.length)];
    return agent && { kind: 'agent', session: state.id, agent: agent.agent, name: agent.name };
  }
  const standing = standingOf(state, who);
  if (standing === undefined) return undefined;
  const { member, name, device } = standing;
  return { kind: 'member', member, name, device };
}
