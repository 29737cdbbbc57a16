/** A workspace's decisions about writes: what is let through, under which claims, and when it is over (rule W2). Pure. */
import { hash } from 'node:crypto';
import { SkeinError } from '@skein/protocol/errors';
import { idOf } from '@skein/protocol/ids';
import { valueAt } from '@skein/protocol/keyed';
import type { WorkspaceEvents } from '@skein/protocol/workspaces/events';
import { MAX_CALLS, MAX_GLOBS, MAX_PATHS, RUN_LEASE_MS } from '@skein/protocol/workspaces/limits';
import { formatPattern, parsePattern } from '@skein/protocol/workspaces/patterns';
import { runIn } from '@skein/protocol/workspaces/reduce';
import type { RunIn, WorkspaceState } from '@skein/protocol/workspaces/state';
import type { DecideContext, Decision } from '../kernel/types.ts';
import { holderOf } from './claims/claim-index.ts';
import { inOrder, inTheWay } from './claims/in-the-way.ts';
import { claimed, claimMissing } from './claims/refusals.ts';
import { checkRoom, checkThere, release } from './decide-claims.ts';
import { Draft } from './draft.ts';
import { grantWaiters } from './grant.ts';

/** A tool call is about to write. `paths` are patterns, realised (see `patternOfPath`). */
export interface WriteBegin {
  run: string;
  call: string;
  paths: string[];
}

/** The claims that it is under, and the highest of their numbers. */
export interface WriteBegun {
  fence: number;
  claims: string[];
}

/**
 * Lets a call through, taking what nobody holds unless the workspace is strict; refused `claimed` or `claim_missing`. The same
 * call again is let through again; with further paths, those are looked at as well.
 */
export function beginWrite(state: WorkspaceState, body: WriteBegin, ctx: DecideContext): Decision {
  checkThere(state);
  const { run: id, call } = body;
  const run = runIn(state, id);
  if (run === undefined) throw new SkeinError('not_found', `No run ${id} is in workspace "${state.name}".`);
  const before = Object.hasOwn(run.calls, call) ? run.calls[call] : undefined;
  const texts = [...new Set(body.paths.map((path) => formatPattern(parsePattern(path))))];
  const paths = [...new Set([...(before?.paths ?? []), ...texts])];
  checkCall(run, before === undefined, paths);
  const draft = new Draft(state, ctx);
  const holder = holderOf(run);
  const patterns = texts.map(parsePattern);
  const blocking = inTheWay(state, draft.index, holder, patterns);
  // What it holds it may write, whoever waits for that.
  const mine = patterns.map((pattern) => draft.index.claimOver(holder, pattern));
  const bare = patterns.filter((_, n) => mine[n] === undefined);
  if (bare.length > 0 && blocking.length > 0) {
    const inBare = inTheWay(state, draft.index, holder, bare);
    if (inBare.length > 0) throw claimed(state, bare.map(formatPattern), inBare);
  }
  const held = blocking.filter(({ kind }) => kind !== 'waiter');
  if (held.length > 0) throw claimed(state, texts, held);
  if (bare.length > 0 && state.strict) throw claimMissing(state, bare.map(formatPattern));
  const claims = new Set(before?.claims ?? []);
  for (const one of mine) if (one !== undefined) claims.add(one.claim);
  for (let n = 0; n < bare.length; n += MAX_GLOBS) {
    checkRoom(draft.state);
    const fence = draft.state.fence + 1;
    const claim = implicitId(state.id, fence);
    const globs = bare.slice(n, n + MAX_GLOBS).map(formatPattern);
    draft.push('claim.taken', { claim, globs, holder, fence, lease: RUN_LEASE_MS, implicit: true });
    claims.add(claim);
  }
  const known = before !== undefined && paths.length === before.paths.length;
  if (!known || claims.size !== before.claims.length)
    draft.push('write.began', { run: id, call, paths, claims: [...claims] });
  const fences = [...claims].map((claim) => valueAt(draft.state.claims, claim)?.fence ?? 0);
  const reply: WriteBegun = { fence: Math.max(0, ...fences), claims: [...claims] };
  return draft.decision(reply);
}

function checkCall(run: RunIn, isNew: boolean, paths: readonly string[]): void {
  if (isNew && Object.keys(run.calls).length >= MAX_CALLS)
    throw new SkeinError('too_large', `${MAX_CALLS} calls of ${run.name} are under way already.`);
  if (paths.length > MAX_PATHS)
    throw new SkeinError(
      'too_large',
      `A call may write ${MAX_PATHS} paths at most, and this has ${paths.length}.`,
    );
}

/** Of a claim that nobody has named: as random as another, and always the same for the same number. */
function implicitId(workspace: string, fence: number): string {
  return idOf(hash('sha256', `${workspace} ${fence}`, 'buffer'));
}

export function endWrite(
  state: WorkspaceState,
  { run, call }: { run: string; call: string },
  ctx: DecideContext,
): Decision {
  const there = runIn(state, run);
  if (there === undefined || !Object.hasOwn(there.calls, call)) return {};
  const draft = new Draft(state, ctx);
  draft.push('write.ended', { run, call });
  grantWaiters(draft);
  return draft.decision();
}

/** An agent has finished its turn: its calls are over, and what it took by writing is free again. */
export function endTurn(state: WorkspaceState, { run }: { run: string }, ctx: DecideContext): Decision {
  const there = runIn(state, run);
  if (there === undefined) return {};
  const draft = new Draft(state, ctx);
  for (const call of Object.keys(there.calls)) draft.push('write.ended', { run, call });
  for (const entry of inOrder(draft.state, draft.index.of(holderOf(there))))
    if (entry.kind === 'claim' && entry.claim.implicit) release(draft, entry.claim, 'turn');
  grantWaiters(draft);
  return draft.decision();
}

/** Something was written that nobody had let through (W4). Told once, however often it is found. */
export function addConflict(
  state: WorkspaceState,
  body: WorkspaceEvents['conflict.found'],
  ctx: DecideContext,
): Decision {
  if (state.life === 'none' || state.conflicts.some(({ conflict }) => conflict === body.conflict)) return {};
  const draft = new Draft(state, ctx);
  draft.push('conflict.found', body);
  return draft.decision();
}
