/** What the node's index is told of the program of a session. */
import type { RunState, SessionState } from '@skein/protocol/sessions/state';
import type { Tell } from '../kernel/types.ts';

/** Tells the node's index, in the same transaction. */
export function markRun(state: SessionState, run: string, now: RunState): Tell[] {
  return [{ target: 'node', type: 'session.mark', body: { id: state.id, state: now, run } }];
}
