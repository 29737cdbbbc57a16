/** The node's decision to make a workspace for an agent of another machine, of what that has handed over (rules X4, W5). Pure. */
import path from 'node:path';
import type { FarPlace } from '@skein/protocol/machines/place';
import { type NodeState, workspacesIn } from '@skein/protocol/sessions/node-state';
import { freeName } from '../../actors/free-name.ts';
import type { NewEvent, Tell } from '../../kernel/types.ts';
import type { BeginWorkspace } from '../decide-life.ts';
import type { PlaceFacts, Placement } from '../place.ts';

export interface PlaceHanded extends PlaceFacts {
  /** The home's PeerId, and what it is called. */
  home: string;
  node: string;
  /** The hosted session, and the agent. */
  session: string;
  agent: string;
  place: Extract<FarPlace, { upload: string }>;
}

/**
 * The workspace has the agent's id, as the worktree of it at home has. What it tells comes before anything that the agent does in it; it
 * is kept until the agent is removed (`workspace.unhosted`).
 */
export function placeHanded(
  state: NodeState,
  { home, node, session, agent: id, place, workspaces }: PlaceHanded,
): Placement & { events: NewEvent[]; tell: Tell[] } {
  const taken = new Set(workspacesIn(state).map(({ name }) => name));
  const name = freeName(place.name, 'handed', taken);
  const root = path.join(workspaces, id);
  const { workspace, head, branch } = place;
  const body: BeginWorkspace = {
    ...{ id, name, root, strict: false, keep: 'always', guard: false },
    source: { kind: 'handed', home, node, workspace, head, branch },
    agent: { session, agent: id },
  };
  return {
    workspace: { id, name, root },
    cwd: root,
    events: [{ type: 'workspace.added', body: { id, name, kind: 'handed', root, of: null } }],
    tell: [{ target: `workspace/${id}`, type: 'workspace.begin', body }],
  };
}
