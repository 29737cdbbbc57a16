/** A workspace's decisions about its making and its end (rules W5, K3, K4). Pure. */
import type { WorkspaceCommands, WorkspaceNodeCommands } from '@skein/protocol/workspaces/commands';
import type { WorkspaceState } from '@skein/protocol/workspaces/state';
import { unknownCommand } from '../actors/known-command.ts';
import type { DecideContext, Decision, EffectOutcome } from '../kernel/types.ts';
import { Draft } from './draft.ts';

/** What the node tells a new workspace: the command, with the name and the place that it was given. */
export type WorkspaceBegin = WorkspaceNodeCommands['workspace.create'] & { name: string; root: string };

export function beginWorkspace(state: WorkspaceState, body: WorkspaceBegin, ctx: DecideContext): Decision {
  const { id, name, source, root, strict, keep, setup = null, teardown = null } = body;
  const draft = new Draft(state, ctx);
  const agent = null;
  draft.push('workspace.created', { id, name, source, root, strict, keep, setup, teardown, agent });
  return draft.decision();
}

/** What an effect has come to. */
export function lifeOutcome(_: WorkspaceState, __: EffectOutcome): Decision {
  return {};
}

type Handlers = {
  [K in keyof WorkspaceCommands & `workspace.${string}`]: (
    state: WorkspaceState,
    body: WorkspaceCommands[K],
    ctx: DecideContext,
  ) => Decision;
};

export const lifeHandlers: Handlers = {
  'workspace.remove': () => {
    throw unknownCommand('workspace.remove', 'A workspace');
  },
};
