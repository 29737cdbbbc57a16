/** What runs know of files is kept beside a workspace's events (rules W3, L9): no event, since it says nothing that anybody follows. Pure. */
import type { WorkspaceState } from '@skein/protocol/workspaces/state';
import type { Cell, DecideContext, Decision } from '../kernel/types.ts';

type Decide<B> = (state: WorkspaceState, body: B, ctx: DecideContext) => Decision;

export const keepSeen: Decide<{ cells: Cell[] }> = (state, { cells }) =>
  state.life === 'none' || state.life === 'removed' ? {} : { cells };

/** A decision that keeps them as well. */
export function withSeen<B>(decide: Decide<B>): Decide<B & { cells?: Cell[] }> {
  return (state, body, ctx) => ({
    ...decide(state, body, ctx),
    ...keepSeen(state, { cells: body.cells ?? [] }, ctx),
  });
}
