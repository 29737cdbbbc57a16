/** A workspace's decisions about claims that are asked for from another machine, where the agent of its tree runs (rules W2, W6). Pure. */
import { createHash } from 'node:crypto';
import { SkeinError } from '@skein/protocol/errors';
import { idOf } from '@skein/protocol/ids';
import type { HomeAnswer } from '@skein/protocol/machines/commands';
import { sameHolder } from '@skein/protocol/workspaces/holder';
import { MAX_GLOBS, RUN_LEASE_MS } from '@skein/protocol/workspaces/limits';
import { formatPattern, type Pattern, parsePattern } from '@skein/protocol/workspaces/patterns';
import { runIn } from '@skein/protocol/workspaces/reduce';
import type { WorkspaceState } from '@skein/protocol/workspaces/state';
import type { DecideContext, Decision } from '../kernel/types.ts';
import { holderOf } from './claims/claim-index.ts';
import { inTheWay } from './claims/in-the-way.ts';
import { claimed, claimMissing } from './claims/refusals.ts';
import { checkRoom, checkThere } from './decide-claims.ts';
import { Draft } from './draft.ts';

/** Characters of a refusal's sentence. */
const MAX_WHY = 1_000;

/** Told by the session whose agent asks; answered by `far.answer`. */
export interface ClaimAsked {
  session: string;
  agent: string;
  ask: string;
  run: string;
  paths: string[];
}

/** Takes what is free, as a write does, for the run until its turn ends. Never refused: what is in the way is the answer. */
export function claimAsked(
  state: WorkspaceState,
  { session, agent, ask, run, paths }: ClaimAsked,
  ctx: DecideContext,
): Decision {
  const told = (decision: Decision, answer: HomeAnswer): Decision => ({
    ...decision,
    tell: [
      ...(decision.tell ?? []),
      { target: `session/${session}`, type: 'far.answer', body: { agent, ...answer } },
    ],
  });
  try {
    const draft = new Draft(state, ctx);
    take(draft, run, patternsOf(paths));
    return told(draft.decision(), { ask });
  } catch (thrown) {
    const { code, message } = SkeinError.from(thrown);
    if (code === 'internal') throw thrown;
    return told({}, { ask, error: { code, message: message.slice(0, MAX_WHY) } });
  }
}

/** Throws `claimed` or `claim_missing`, as of any write. */
function take(draft: Draft, run: string, patterns: readonly Pattern[]): void {
  const { state } = draft;
  checkThere(state);
  const there = runIn(state, run);
  if (there === undefined)
    throw new SkeinError('not_found', `That run is not known to work in workspace "${state.name}".`);
  const holder = holderOf(there);
  const bare = patterns.filter((pattern) => draft.index.claimOver(holder, pattern) === undefined);
  const blocking = inTheWay(state, draft.index, holder, patterns);
  const waits = inTheWay(state, draft.index, holder, bare);
  // What it holds it may write, whoever waits for that.
  const held = [...blocking.filter(({ kind }) => kind !== 'waiter'), ...waits];
  if (held.length > 0) throw claimed(state, (bare.length > 0 ? bare : patterns).map(formatPattern), held);
  if (bare.length > 0 && state.strict) throw claimMissing(state, bare.map(formatPattern));
  for (let n = 0; n < bare.length; n += MAX_GLOBS) {
    checkRoom(draft.state);
    const fence = draft.state.fence + 1;
    const globs = bare.slice(n, n + MAX_GLOBS).map(formatPattern);
    const claim = idFrom(state.id, String(fence));
    draft.push('claim.taken', { claim, globs, holder, fence, lease: RUN_LEASE_MS, implicit: true });
  }
}

/** Written while home was away, by what the worker's policy let through. */
export interface ClaimPassed {
  run: string;
  ask: string;
  paths: string[];
}

/** What others hold of it is told as conflicts with them (W4); the rest is the run's until its turn ends. */
export function claimPassed(
  state: WorkspaceState,
  { run, ask, paths }: ClaimPassed,
  ctx: DecideContext,
): Decision {
  const there = runIn(state, run);
  if (there === undefined) return {};
  const draft = new Draft(state, ctx);
  const holder = holderOf(there);
  const { session, agent, name } = there;
  const told = new Set<string>();
  for (const pattern of patternsOf(paths)) {
    const [first] = inTheWay(draft.state, draft.index, holder, [pattern]).flatMap((entry) =>
      entry.kind === 'claim' && !sameHolder(entry.claim.holder, holder) ? [entry.claim] : [],
    );
    if (first === undefined) {
      if (draft.index.claimOver(holder, pattern) !== undefined) continue;
      const fence = draft.state.fence + 1;
      const claim = idFrom(state.id, String(fence));
      const globs = [formatPattern(pattern)];
      draft.push('claim.taken', { claim, globs, holder, fence, lease: RUN_LEASE_MS, implicit: true });
      continue;
    }
    if (told.has(first.claim)) continue;
    told.add(first.claim);
    const path = formatPattern(pattern);
    draft.push('conflict.found', {
      ...{ conflict: idFrom(ask, first.claim), path, what: 'changed', holder: first.holder },
      ...{ claim: first.claim, writers: [{ run, session, agent, name }], also: 0 },
    });
  }
  return draft.decision();
}

/** What is no pattern is nobody's path. */
function patternsOf(paths: readonly string[]): Pattern[] {
  return [...new Set(paths)].map(parsePattern);
}

/** As random as another, and always the same for the same. */
function idFrom(...parts: string[]): string {
  return idOf(createHash('sha256').update(parts.join(' ')).digest());
}
