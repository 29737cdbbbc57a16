/** The node's decision to make the worktree, here, of an agent that runs on another machine: its work comes back into it, and lands from there (rule W5). Pure. */
import path from 'node:path';
import { findIn } from '@skein/protocol/keyed';
import { type NodeState, workspacesIn } from '@skein/protocol/sessions/node-state';
import { freeName } from '../../actors/free-name.ts';
import type { Decision } from '../../kernel/types.ts';
import { readyWorkspace } from '../create.ts';
import type { BeginWorkspace } from '../decide-life.ts';
import type { PlaceFacts } from '../place.ts';

export interface PlaceTree extends PlaceFacts {
  session: string;
  agent: string;
  /** What the agent is called, and the PeerId of its machine. */
  name: string;
  on: string;
  /** The workspace that it is to be a worktree of. */
  workspace: string;
}

/** Throws `not_found`, `not_ready`. By the agent's id: never made twice for one. */
export function placeTree(state: NodeState, wanted: PlaceTree): Decision {
  const { session, agent: id, name: wish, on, workspace, workspaces } = wanted;
  const there = findIn(state.workspaces, (one) => one.id === id);
  if (there !== undefined) return { reply: { id, name: there.name } };
  const base = readyWorkspace(state, workspace);
  const taken = new Set(workspacesIn(state).map(({ name }) => name));
  const name = freeName(`${base.name}-${wish}`, 'worktree', taken);
  const root = path.join(workspaces, id);
  // It stays for as long as there is the agent, which goes on where nobody here sees it.
  const body: BeginWorkspace = {
    ...{ id, name, root, strict: false, keep: 'always' },
    source: { kind: 'worktree', of: base.id },
    agent: { session, agent: id, on },
  };
  return {
    events: [{ type: 'workspace.added', body: { id, name, kind: 'worktree', root, of: base.id } }],
    tell: [{ target: `workspace/${id}`, type: 'workspace.begin', body }],
    reply: { id, name },
  };
}
