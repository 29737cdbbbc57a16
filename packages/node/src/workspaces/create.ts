/** The node's decision to make a workspace: its name, unique on this node, and its place (rule K3). Pure. */
import path from 'node:path';
import { SkeinError } from '@skein/protocol/errors';
import { findIn, sizeOf, valueAt } from '@skein/protocol/keyed';
import type { NodeCommands } from '@skein/protocol/sessions/commands';
import type { NodeEvents } from '@skein/protocol/sessions/events';
import { type IndexedWorkspace, type NodeState, workspacesIn } from '@skein/protocol/sessions/node-state';
import type { AskedSource } from '@skein/protocol/workspaces/commands';
import { MAX_WORKSPACES } from '@skein/protocol/workspaces/limits';
import { freeName } from '../actors/free-name.ts';
import type { DecideContext, Decision } from '../kernel/types.ts';

/** What the node adds to the command: where the workspace is to be, absolute and without links; null where there is no such directory. */
export interface WorkspaceFacts {
  root: string | null;
}

export function createWorkspace(
  state: NodeState,
  body: NodeCommands['workspace.create'],
  { facts }: DecideContext,
): Decision {
  const { id, source } = body;
  const { root } = facts as WorkspaceFacts;
  if (root === null)
    throw new SkeinError(
      'bad_cwd',
      'There is no such directory on this machine. Give one that exists, as a whole path.',
    );
  if (sizeOf(state.workspaces) >= MAX_WORKSPACES) {
    const message = `A node holds ${MAX_WORKSPACES} workspaces. Remove some: skein workspace rm.`;
    throw new SkeinError('too_large', message);
  }
  if (valueAt(state.workspaces, id) !== undefined)
    throw new SkeinError('name_taken', `There is a workspace ${id} already.`);
  const same = findIn(state.workspaces, (one) => one.root === root);
  if (same !== undefined) {
    const message = `That directory is the workspace "${same.name}" already.`;
    throw new SkeinError('name_taken', message, { id: same.id });
  }
  if (source.kind === 'worktree') readyWorkspace(state, source.of);
  const name = body.name ?? freeName(wish(state, source), 'workspace', namesIn(state));
  const other = findIn(state.workspaces, (one) => one.name === name);
  if (other !== undefined) {
    const message = `The name "${name}" is taken by workspace ${other.id}. Choose another, or leave it out.`;
    throw new SkeinError('name_taken', message, { id: other.id });
  }
  const of = source.kind === 'worktree' ? source.of : null;
  return {
    events: [{ type: 'workspace.added', body: { id, name, kind: source.kind, root, of } }],
    tell: [{ target: `workspace/${id}`, type: 'workspace.begin', body: { ...body, name, root } }],
    reply: { id, name },
  };
}

/** Throws `not_found` and `not_ready`. */
export function readyWorkspace(state: NodeState, id: string): IndexedWorkspace {
  const found = valueAt(state.workspaces, id);
  if (found === undefined) throw new SkeinError('not_found', `There is no workspace ${id}.`);
  if (found.life === 'ready') return found;
  const message = `Workspace "${found.name}" is ${found.life}, not ready. See: skein workspace show ${found.name}`;
  throw new SkeinError('not_ready', message, { life: found.life });
}

/** A workspace's life has changed. It cannot begin to go while another one is a worktree of it. */
export function markWorkspace(state: NodeState, body: NodeEvents['workspace.changed']): Decision {
  const tree = findIn(state.workspaces, (one) => one.of === body.id);
  if (body.life === 'removing' && tree !== undefined) {
    const message = `Workspace "${tree.name}" is a worktree of it. Remove that first: skein workspace rm ${tree.name}`;
    throw new SkeinError('work_left', message, { id: tree.id });
  }
  return { events: [{ type: 'workspace.changed', body }] };
}

function namesIn(state: NodeState): Set<string> {
  return new Set(workspacesIn(state).map(({ name }) => name));
}

/** What it is called when nobody has said: after its repository, its directory, or the workspace it is of. */
function wish(state: NodeState, source: AskedSource): string {
  switch (source.kind) {
    case 'git':
      return path.posix.basename(source.url.replace(/\/+$/, '')).replace(/\.git$/, '');
    case 'local':
      return path.basename(source.dir);
    case 'worktree':
      return [valueAt(state.workspaces, source.of)?.name ?? 'worktree', source.branch ?? []].flat().join('-');
    case 'scratch':
      return 'scratch';
  }
}
