/** What a hosted session is to the node's index: its end, and who may call it otherwise (rules X1, X3, L8). Pure. */

import { isAlive } from '@skein/protocol/agents/state';
import { SkeinError } from '@skein/protocol/errors';
import type { NodeEvents } from '@skein/protocol/sessions/events';
import { type Listed, type NodeState, sessionIn } from '@skein/protocol/sessions/node-state';
import type { Decision, Effect } from '../../kernel/types.ts';
import { DROP_WORKSPACE, type DropWorkspace } from './effects.ts';
import { usedUnder } from './place.ts';
import { asManyAsMay } from './tell.ts';

/** Its agents are others than before, or do otherwise: of a grant no more run at a time than it allows (X1). Throws `limit_reached`. */
export function listAgents(state: NodeState, body: NodeEvents['session.agents']): Decision {
  const { hosted, agents = [] } = sessionIn(state, body.id) ?? {};
  if (hosted !== undefined && !agents.some(isAlive) && body.agents.some(isAlive))
    if (usedUnder(state, hosted.grant) >= hosted.max) throw asManyAsMay();
  return { events: [{ type: 'session.agents', body }] };
}

/** Its agent was removed at home: it goes, and everything that is kept of it. */
export function forgetHosted({ id, hosted }: Listed): Decision {
  if (hosted === undefined) throw new SkeinError('not_found', `Session ${id} is at home here.`);
  return {
    events: [{ type: 'session.removed', body: { id } }],
    tell: [{ target: `session/${id}`, type: 'session.forget', body: {} }],
    effects: [{ id: `purge ${id}`, kind: 'purge-session', body: { id } }, ...dropping({ hosted })],
  };
}

/** The workspace that was made for a session goes with it. */
export function dropping({ hosted }: Pick<Listed, 'hosted'>): Effect[] {
  const workspace = hosted?.workspace ?? null;
  if (workspace === null) return [];
  const body: DropWorkspace = { workspace };
  return [{ id: `drop ${workspace}`, kind: DROP_WORKSPACE, body }];
}
