/** A workspace's decisions about the runs in it: who works there, and what becomes of their claims (rules W1, W2). Pure. */
import { SkeinError } from '@skein/protocol/errors';
import { sameStrength } from '@skein/protocol/workspaces/holder';
import { RUN_LEASE_MS } from '@skein/protocol/workspaces/limits';
import type { Pattern } from '@skein/protocol/workspaces/patterns';
import type { SandboxClaim } from '@skein/protocol/workspaces/placed';
import { runIn } from '@skein/protocol/workspaces/reduce';
import type { RunIn, WorkspaceState } from '@skein/protocol/workspaces/state';
import type { DecideContext, Decision } from '../kernel/types.ts';
import { holderOf } from './claims/claim-index.ts';
import { inOrder } from './claims/in-the-way.ts';
import { hold, release } from './decide-claims.ts';
import { afterLast } from './decide-life.ts';
import { Draft } from './draft.ts';
import { grantWaiters } from './grant.ts';

/** Runs in one workspace at a time: its state names each. */
const MAX_RUNS = 1_000;

/** Told by a session, in the transaction in which the run is about to begin. `asked`: by somebody, who can be refused. */
export interface Entering extends Omit<RunIn, 'calls'> {
  asked: boolean;
  /** What a run in a sandbox is to hold from its beginning on. Refused `claimed` if it cannot. */
  sandbox?: SandboxClaim;
}

/** Refused `not_ready` when it cannot be entered any more. Told again, it says more of how strongly the run is held. */
export function enterRun(
  state: WorkspaceState,
  { asked, sandbox, ...body }: Entering,
  ctx: DecideContext,
): Decision {
  const there = runIn(state, body.run);
  if (there !== undefined && sameStrength(there.strength, body.strength)) return {};
  if (there === undefined && !mayEnter(state)) {
    if (asked) throw notReady(state);
    return {};
  }
  if (Object.keys(state.runs).length >= MAX_RUNS)
    throw new SkeinError('too_large', `${MAX_RUNS} runs are in workspace "${state.name}" already.`);
  const draft = new Draft(state, ctx);
  draft.push('run.entered', body);
  if (sandbox !== undefined && sandbox.globs.length > 0 && there === undefined) {
    const { claim, globs } = sandbox;
    hold(draft, { claim, globs, holder: holderOf(body), lease: RUN_LEASE_MS });
  }
  return draft.decision();
}

/** An agent's own worktree is made while the agent waits for it. */
function mayEnter({ life }: WorkspaceState): boolean {
  return life === 'ready' || life === 'preparing';
}

function notReady({ id, name, life }: WorkspaceState): SkeinError {
  if (life !== 'none' && life !== 'removed') {
    const message = `Workspace "${name}" is ${life}, not ready. See: skein workspace show ${name}`;
    return new SkeinError('not_ready', message, { life });
  }
  // Such as the worktree of an agent that was stopped with nothing in it; a restart of that agent comes here.
  const advice =
    'What worked in it cannot go on there: forget it with skein rm, and begin another with skein spawn.';
  return new SkeinError('not_ready', `Workspace ${id} is not there any more.`, { life, advice });
}

/** Why somebody has taken it, if that is what the run had to end for. */
function stolenBy({ index }: Draft, patterns: readonly Pattern[]): string | undefined {
  for (const entry of index.overlapping(patterns))
    if (entry.kind === 'waiter' && entry.waiter.steal !== null) return entry.waiter.steal;
  return undefined;
}

/** Told by a session. `again`: whoever it was a run of will be back by itself. */
export interface Leaving {
  run: string;
  again: boolean;
}

/** Never refused: it is told by those that end, whom nothing may keep from it. */
export function leaveRun(state: WorkspaceState, { run, again }: Leaving, ctx: DecideContext): Decision {
  const there = runIn(state, run);
  // One that rested ends without a run.
  if (there === undefined) return again ? {} : afterLast(state, ctx);
  const draft = new Draft(state, ctx);
  const own = inOrder(state, draft.index.of(holderOf(there)));
  draft.push('run.left', { run });
  for (const entry of own) {
    if (entry.kind === 'claim') {
      const thief = stolenBy(draft, entry.patterns);
      if (thief === undefined) release(draft, entry.claim, 'ended');
      else release(draft, entry.claim, 'stolen', thief);
    }
    if (entry.kind === 'waiter')
      draft.push('claim.dropped', { claim: entry.waiter.claim, why: `${there.name} has ended.` });
  }
  grantWaiters(draft);
  const { events = [], effects = [], tell = [], ...rest } = draft.decision();
  if (again) return { events, effects, tell, ...rest };
  const then = afterLast(draft.state, ctx);
  return {
    ...rest,
    events: [...events, ...(then.events ?? [])],
    effects: [...effects, ...(then.effects ?? [])],
    tell: [...tell, ...(then.tell ?? [])],
  };
}
