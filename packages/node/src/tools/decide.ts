/** A session's decisions that only agents ask for by their tools, or the node because of them (rules N1, N2). Pure. */
import type { SessionState } from '@skein/protocol/sessions/state';
import type { ToolCommands } from '@skein/protocol/tools/commands';
import type { ToolEvents } from '@skein/protocol/tools/events';
import type { DecideContext, Decision } from '../kernel/types.ts';
import type { Giver } from '../members/givers.ts';
import { report, seen } from './reports.ts';
import { limitTold } from './told-limit.ts';

export const toolHandlers: {
  [K in keyof ToolCommands]: (
    state: SessionState,
    body: ToolCommands[K],
    giver: Giver,
    ctx: DecideContext,
  ) => Decision;
} = {
  'agent.report': report,
};

/** Decides a command of the node's own; undefined for one that is not about tools. */
export function toolCommand(
  state: SessionState,
  type: string,
  body: unknown,
  { now }: DecideContext,
): Decision | undefined {
  if (type === 'reports.see') return seen(state, body as ToolEvents['reports.seen']);
  if (type !== 'limit.tell') return undefined;
  return { events: limitTold(state, body as ToolEvents['limit.reached'], now) };
}
