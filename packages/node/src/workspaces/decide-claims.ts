/** A workspace's decisions about claims: taken, waited for, stolen, renewed, given back, and over (rules W1, W2, K3). Pure. */
import { type ErrorBody, SkeinError } from '@skein/protocol/errors';
import { sizeOf, valueAt } from '@skein/protocol/keyed';
import type { WorkspaceCommands } from '@skein/protocol/workspaces/commands';
import type { ReleaseWhy } from '@skein/protocol/workspaces/events';
import { type Holder, isFenced, isSandboxed } from '@skein/protocol/workspaces/holder';
import { MAX_CLAIMS, MAX_WAITERS, PERSON_LEASE_MS, RUN_LEASE_MS } from '@skein/protocol/workspaces/limits';
import {
  foldPattern,
  formatPattern,
  includes,
  type Pattern,
  parsePattern,
} from '@skein/protocol/workspaces/patterns';
import { runIn } from '@skein/protocol/workspaces/reduce';
import type { Claim, Waiter, WorkspaceState } from '@skein/protocol/workspaces/state';
import type { DecideContext, Decision } from '../kernel/types.ts';
import { type Entry, holderOf } from './claims/claim-index.ts';
import { inOrder, inTheWay, inTheWayOf, waitsFor } from './claims/in-the-way.ts';
import { claimed, deadlock } from './claims/refusals.ts';
import { Draft } from './draft.ts';
import { grantWaiters } from './grant.ts';

/** What the node adds to a claim that is asked for. */
export interface ClaimFacts {
  /** The patterns as its disk has them, links followed. */
  globs?: string[];
  /** Why it cannot be claimed. */
  bad?: ErrorBody;
  /** What the machine's user is called. */
  user?: string;
}

type Body<K extends keyof WorkspaceCommands> = WorkspaceCommands[K];

/** Claims may be held of a workspace while it is there, even before it is ready. */
export function checkThere(state: WorkspaceState): void {
  if (state.life === 'preparing' || state.life === 'ready') return;
  const message =
    state.life === 'none' || state.life === 'removed'
      ? `There is no workspace ${state.id}.`
      : `Workspace "${state.name}" cannot be used: it ${state.life === 'failed' ? 'could not be made' : 'is being removed'}.`;
  throw new SkeinError('not_found', message, { life: state.life });
}

export function takeClaim(state: WorkspaceState, body: Body<'claim.take'>, ctx: DecideContext): Decision {
  checkThere(state);
  const facts = (ctx.facts ?? {}) as ClaimFacts;
  const holder = holderFor(state, body.for, facts);
  if (facts.bad !== undefined) throw SkeinError.fromBody(facts.bad);
  const patterns = simplest((facts.globs ?? body.globs).map(parsePattern));
  const globs = patterns.map(formatPattern);
  const lease = body.lease ?? (holder.kind === 'run' ? RUN_LEASE_MS : PERSON_LEASE_MS);
  checkNew(state, body.claim);
  const draft = new Draft(state, ctx);
  const same = heldAlready(draft, holder, globs);
  if (same !== undefined) {
    const { claim, fence } = same;
    draft.push('claim.renewed', { claim, lease });
    return draft.decision({ claim, fence, before: 0, globs, lease });
  }
  const asked = { claim: body.claim, globs, holder, lease };
  const blocking = inTheWay(state, draft.index, holder, patterns);
  if (body.steal !== undefined) return steal(draft, asked, blocking, body.steal.reason);
  if (blocking.length === 0) return take(draft, asked);
  if (!body.wait) throw claimed(state, globs, blocking);
  checkNoDeadlock(draft, holder, blocking);
  return wait(draft, asked, null);
}

interface Asked {
  claim: string;
  globs: string[];
  holder: Holder;
  lease: number;
}

/** For a run as it begins. Refused `claimed` when others hold it. */
export function hold(draft: Draft, asked: Asked): void {
  checkNew(draft.state, asked.claim);
  checkRoom(draft.state);
  const blocking = inTheWay(draft.state, draft.index, asked.holder, asked.globs.map(parsePattern));
  if (blocking.length > 0) throw claimed(draft.state, asked.globs, blocking);
  draft.push('claim.taken', { ...asked, fence: draft.state.fence + 1, implicit: false });
}

function take(draft: Draft, asked: Asked): Decision {
  checkRoom(draft.state);
  const fence = draft.state.fence + 1;
  draft.push('claim.taken', { ...asked, fence, implicit: false });
  grantWaiters(draft);
  const { claim, globs, lease } = asked;
  return draft.decision({ claim, fence, before: 0, globs, lease });
}

function wait(draft: Draft, asked: Asked, stealing: string | null): Decision {
  if (draft.state.waiters.length >= MAX_WAITERS)
    throw new SkeinError(
      'too_large',
      `${MAX_WAITERS} claims wait for this workspace already. Try again later.`,
    );
  draft.push('claim.waiting', { ...asked, steal: stealing });
  // What was taken from others meanwhile may be all that was in the way.
  grantWaiters(draft);
  const { claim, globs, lease } = asked;
  const granted = valueAt(draft.state.claims, claim);
  const before = granted === undefined ? beforeIt(draft, claim) : 0;
  return draft.decision({ claim, fence: granted?.fence ?? null, before, globs, lease });
}

/** How many that wait must have theirs before it. */
function beforeIt({ state, index }: Draft, claim: string): number {
  const waiter = state.waiters.find((one) => one.claim === claim) as Waiter;
  return inTheWayOf(state, index, waiter).filter(({ kind }) => kind === 'waiter').length;
}

/**
 * Takes from others what they hold. A person cannot be writing through Skein, and a run whose writes pass the node cannot write any
 * more once its claim is gone; any other run may have a write under way, and is ended first (W2).
 */
function steal(draft: Draft, asked: Asked, blocking: Entry[], reason: string): Decision {
  const ending = new Set<string>();
  for (const { kind, holder } of blocking)
    if (kind !== 'waiter' && holder.kind === 'run' && !fenced(draft.state, holder.run))
      ending.add(holder.run);
  for (const entry of blocking) {
    if (entry.holder.kind === 'run' && ending.has(entry.holder.run)) continue;
    if (entry.kind === 'call') draft.push('write.ended', { run: entry.run, call: entry.call });
    if (entry.kind === 'claim') release(draft, entry.claim, 'stolen', reason);
  }
  if (ending.size === 0) return take(draft, asked);
  for (const run of ending) {
    const there = runIn(draft.state, run);
    if (there === undefined) continue;
    const body = { run, agent: there.agent };
    draft.tell.push({ target: `session/${there.session}`, type: 'run.yield', body });
  }
  return wait(draft, asked, reason);
}

function fenced(state: WorkspaceState, run: string): boolean {
  const there = runIn(state, run);
  return there !== undefined && isFenced(there.strength);
}

export function release(draft: Draft, { claim, fence }: Claim, why: ReleaseWhy, reason?: string): void {
  draft.push('claim.released', { claim, fence, why, ...(reason === undefined ? {} : { reason }) });
}

export function releaseClaims(
  state: WorkspaceState,
  body: Body<'claim.release'>,
  ctx: DecideContext,
): Decision {
  const facts = (ctx.facts ?? {}) as ClaimFacts;
  const holder = holderFor(state, body.for, facts);
  const draft = new Draft(state, ctx);
  const within = (body.globs && (facts.globs ?? body.globs))?.map((glob) =>
    foldPattern(parsePattern(glob), state.folds),
  );
  const chosen = inOrder(state, draft.index.of(holder)).filter((entry) => {
    if (entry.kind === 'call') return false;
    const { claim } = entry.kind === 'claim' ? entry.claim : entry.waiter;
    if (body.claims !== undefined && !body.claims.includes(claim)) return false;
    return (
      within === undefined || entry.patterns.every((one) => within.some((outer) => includes(outer, one)))
    );
  });
  const run = holder.kind === 'run' ? runIn(state, holder.run) : undefined;
  if (run !== undefined && isSandboxed(run.strength) && chosen.some(({ kind }) => kind === 'claim')) {
    const message = `${run.name} runs in a sandbox in which it can write what it has claimed until it ends.`;
    throw new SkeinError('still_running', message, { run: run.run });
  }
  const released: string[] = [];
  for (const entry of chosen) {
    if (entry.kind === 'claim') {
      release(draft, entry.claim, 'released');
      released.push(entry.claim.claim);
    } else if (entry.kind === 'waiter') {
      draft.push('claim.dropped', { claim: entry.waiter.claim, why: 'It was withdrawn.' });
      released.push(entry.waiter.claim);
    }
  }
  grantWaiters(draft);
  return draft.decision({ released });
}

export function renewClaim(
  state: WorkspaceState,
  { claim }: Body<'claim.renew'>,
  ctx: DecideContext,
): Decision {
  const held = valueAt(state.claims, claim);
  if (held === undefined)
    throw new SkeinError('not_found', `No claim ${claim} is held of this workspace: it may have ended.`);
  const draft = new Draft(state, ctx);
  draft.push('claim.renewed', { claim, lease: held.lease });
  return draft.decision({ claim, fence: held.fence, lease: held.lease });
}

/** A lease has passed, as the node's clock has it; `n` is how often it had been renewed when it did. */
export interface Expired {
  claim: string;
  fence: number;
  n: number;
  /** Its holder is known to have ended. */
  ended?: boolean;
}

/** Over, unless it has been renewed meanwhile, or its holder may have a write under way that nobody can take back (W2). */
export function expireClaim(state: WorkspaceState, body: Expired, ctx: DecideContext): Decision {
  const held = valueAt(state.claims, body.claim);
  if (held === undefined || held.fence !== body.fence || held.n !== body.n) return {};
  const draft = new Draft(state, ctx);
  const { holder } = held;
  const run = holder.kind === 'run' ? runIn(state, holder.run) : undefined;
  const calls = Object.entries(run?.calls ?? {}).filter(([, { claims }]) => claims.includes(body.claim));
  if (run !== undefined && body.ended !== true) {
    if (isSandboxed(run.strength) || (calls.length > 0 && !isFenced(run.strength))) return {};
  }
  for (const [call] of calls) draft.push('write.ended', { run: run?.run ?? '', call });
  release(draft, held, 'expired');
  grantWaiters(draft);
  return draft.decision();
}

/** Nobody has asked for it for long. */
export function expireWaiter(
  state: WorkspaceState,
  { claim }: { claim: string },
  ctx: DecideContext,
): Decision {
  if (!state.waiters.some((one) => one.claim === claim)) return {};
  const draft = new Draft(state, ctx);
  draft.push('claim.dropped', { claim, why: 'Whoever waited for it does not ask for it any more.' });
  grantWaiters(draft);
  return draft.decision();
}

function holderFor(state: WorkspaceState, wanted: { run: string } | undefined, { user }: ClaimFacts): Holder {
  if (wanted === undefined) return { kind: 'person', member: null, name: user ?? "the machine's user" };
  const run = runIn(state, wanted.run);
  if (run === undefined)
    throw new SkeinError('not_found', `No run ${wanted.run} is in workspace "${state.name}".`, wanted);
  return holderOf(run);
}

function checkNew(state: WorkspaceState, claim: string): void {
  if (valueAt(state.claims, claim) === undefined && !state.waiters.some((one) => one.claim === claim)) return;
  throw new SkeinError('name_taken', `There is a claim ${claim} already.`);
}

export function checkRoom(state: WorkspaceState): void {
  if (sizeOf(state.claims) < MAX_CLAIMS) return;
  throw new SkeinError('too_large', `${MAX_CLAIMS} claims are held of this workspace: release some.`);
}

/** A claim of the same, that was asked for as well: the latest, if there are several. */
function heldAlready({ index, state }: Draft, holder: Holder, globs: readonly string[]): Claim | undefined {
  let latest: Claim | undefined;
  for (const entry of index.of(holder)) {
    if (entry.kind !== 'claim' || entry.claim.implicit || entry.claim.fence < (latest?.fence ?? 0)) continue;
    if (String(entry.claim.globs) === String(globs)) latest = entry.claim;
  }
  return latest && valueAt(state.claims, latest.claim);
}

/** Without those that lie within others, in an order that is always the same. */
function simplest(patterns: readonly Pattern[]): Pattern[] {
  const byText = new Map(patterns.map((one) => [formatPattern(one), one]));
  const all = [...byText].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, one]) => one);
  return all.filter((one) => !all.some((other) => other !== one && includes(other, one)));
}

/** A run that waits for one that waits for it would wait for ever. */
function checkNoDeadlock({ state, index }: Draft, holder: Holder, blocking: readonly Entry[]): void {
  if (holder.kind !== 'run') return;
  for (const { holder: other } of blocking) {
    if (other.kind !== 'run') continue;
    for (const entry of index.of(other))
      if (entry.kind === 'waiter' && waitsFor(state, index, entry.waiter, holder))
        throw deadlock(other, entry.waiter.globs);
  }
}
