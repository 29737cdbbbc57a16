/** A workspace's decisions about what lands on its branches (rule W5). Pure. */
import type { WorkspaceCommands } from '@skein/protocol/workspaces/commands';
import type { WorkspaceState } from '@skein/protocol/workspaces/state';
import { unknownCommand } from '../actors/known-command.ts';
import type { DecideContext, Decision } from '../kernel/types.ts';

type Handlers = {
  [K in keyof WorkspaceCommands & `landing.${string}`]: (
    state: WorkspaceState,
    body: WorkspaceCommands[K],
    ctx: DecideContext,
  ) => Decision;
};

const none = (type: string) => () => {
  throw unknownCommand(type, 'A workspace');
};

export const landingHandlers: Handlers = {
  'landing.begin': none('landing.begin'),
  'landing.undo': none('landing.undo'),
  'landing.cancel': none('landing.cancel'),
};
