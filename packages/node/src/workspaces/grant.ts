/** Claims given to those that waited, in their order, as far as nothing is in their way any more (rules W1, W2). Pure. */
import { inTheWayOf, placeOf } from './claims/in-the-way.ts';
import type { Draft } from './draft.ts';

/** To be called once everything else of a decision is in the draft. */
export function grantWaiters(draft: Draft): void {
  if (draft.freed.length === 0 || draft.state.waiters.length === 0) return;
  const freed = draft.index.overlapping(draft.freed.splice(0));
  const waiting = [...freed].flatMap((entry) => (entry.kind === 'waiter' ? [entry.waiter] : []));
  waiting.sort((a, b) => placeOf(draft.state, a) - placeOf(draft.state, b));
  // A grant frees nothing: what one of them is not given now, none before it could be.
  for (const waiter of waiting) {
    if (inTheWayOf(draft.state, draft.index, waiter).length > 0) continue;
    const { claim, globs, holder, lease } = waiter;
    draft.push('claim.taken', {
      ...{ claim, globs, holder, lease },
      fence: draft.state.fence + 1,
      implicit: false,
    });
  }
}
