/** The node's decision where an agent works that is put into a workspace: in that, or in a worktree of its own, made for it (rule W5). Pure. */
import path from 'node:path';
import type { AgentSpec } from '@skein/protocol/agents/commands';
import { SkeinError } from '@skein/protocol/errors';
import { type IndexedWorkspace, type NodeState, workspacesIn } from '@skein/protocol/sessions/node-state';
import type { PlacedIn } from '@skein/protocol/workspaces/placed';
import { freeName } from '../actors/free-name.ts';
import type { NewEvent, Tell } from '../kernel/types.ts';
import { readyWorkspace } from './create.ts';
import type { BeginWorkspace } from './decide-life.ts';

/** What the node adds to commands that put agents into workspaces: where those lie that it makes. */
export interface PlaceFacts {
  workspaces: string;
}

/** Told by a session of an agent that it is to have; answered by `agent.placed`. */
export interface PlaceAgent extends PlaceFacts {
  session: string;
  spec: AgentSpec & { name: string };
}

export interface Placement {
  workspace: PlacedIn;
  cwd: string;
}

/** Throws `not_found`, `not_ready`, `bad_cwd`. What it tells comes before anything that the agent does in it. */
export function placeAgent(
  state: NodeState,
  { session, spec, workspaces }: PlaceAgent,
): Placement & { events: NewEvent[]; tell: Tell[] } {
  const base = readyWorkspace(state, spec.workspace ?? '');
  const within = relativeIn(base, spec.cwd);
  if (!(spec.worktree ?? base.kind === 'git')) {
    const { id, name, root } = base;
    return { workspace: { id, name, root }, cwd: path.join(root, within), events: [], tell: [] };
  }
  const taken = new Set(workspacesIn(state).map(({ name }) => name));
  const name = freeName(`${base.name}-${spec.name}`, 'worktree', taken);
  // Found again by the agent's id, and never made twice for one.
  const { agent: id } = spec;
  const root = path.join(workspaces, id);
  const body: BeginWorkspace = {
    ...{ id, name, root, strict: false, keep: 'last' },
    source: { kind: 'worktree', of: base.id },
    agent: { session, agent: id },
  };
  return {
    workspace: { id, name, root },
    cwd: path.join(root, within),
    events: [{ type: 'workspace.added', body: { id, name, kind: 'worktree', root, of: base.id } }],
    tell: [{ target: `workspace/${id}`, type: 'workspace.begin', body }],
  };
}

/** Where a program works that is put into a workspace itself. Throws as `placeAgent`. */
export function placeProgram(state: NodeState, id: string, cwd: string | undefined): Placement {
  const found = readyWorkspace(state, id);
  const { name, root } = found;
  return { workspace: { id: found.id, name, root }, cwd: path.join(root, relativeIn(found, cwd)) };
}

function relativeIn({ name, root }: IndexedWorkspace, cwd: string | undefined): string {
  const within = path.relative(root, path.resolve(root, cwd ?? '.'));
  if (within !== '..' && !within.startsWith('../')) return within;
  throw new SkeinError('bad_cwd', `${cwd} does not lie in workspace "${name}", which is ${root}.`, {
    cwd,
    root,
  });
}
