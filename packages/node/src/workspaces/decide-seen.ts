/** What runs know of files is kept beside a workspace's events (rules W3, L9): no event, since it says nothing that anybody follows. Pure. */
import type { WorkspaceState } from '@skein/protocol/workspaces/state';
import type { Cell, Decision } from '../kernel/types.ts';

export function keepSeen(state: WorkspaceState, { cells }: { cells: Cell[] }): Decision {
  return state.life === 'none' || state.life === 'removed' ? {} : { cells };
}
