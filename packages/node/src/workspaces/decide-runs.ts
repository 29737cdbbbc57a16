/** A workspace's decisions about the runs in it: who works there, and what becomes of their claims (rules W1, W2). Pure. */
import { SkeinError } from '@skein/protocol/errors';
import type { WorkspaceEvents } from '@skein/protocol/workspaces/events';
import { runIn } from '@skein/protocol/workspaces/reduce';
import type { WorkspaceState } from '@skein/protocol/workspaces/state';
import type { DecideContext, Decision } from '../kernel/types.ts';
import { holderOf } from './claims/claim-index.ts';
import { checkThere, release } from './decide-claims.ts';
import { Draft } from './draft.ts';
import { grantWaiters } from './grant.ts';

/** Runs in one workspace at a time: its state names each. */
const MAX_RUNS = 1_000;

/** Refused `not_found` when there is no workspace to enter any more. The same again changes nothing. */
export function enterRun(
  state: WorkspaceState,
  body: WorkspaceEvents['run.entered'],
  ctx: DecideContext,
): Decision {
  if (runIn(state, body.run) !== undefined) return {};
  checkThere(state);
  if (Object.keys(state.runs).length >= MAX_RUNS)
    throw new SkeinError('too_large', `${MAX_RUNS} runs are in workspace "${state.name}" already.`);
  const draft = new Draft(state, ctx);
  draft.push('run.entered', body);
  return draft.decision();
}

/** Never refused: it is told by those that end, whom nothing may keep from it. */
export function leaveRun(state: WorkspaceState, { run }: { run: string }, ctx: DecideContext): Decision {
  const there = runIn(state, run);
  if (there === undefined) return {};
  const draft = new Draft(state, ctx);
  const own = [...draft.index.of(holderOf(there))];
  draft.push('run.left', { run });
  for (const entry of own) {
    if (entry.kind === 'claim') release(draft, entry.claim, 'ended');
    if (entry.kind === 'waiter')
      draft.push('claim.dropped', { claim: entry.waiter.claim, why: `${there.name} has ended.` });
  }
  grantWaiters(draft);
  return draft.decision();
}
