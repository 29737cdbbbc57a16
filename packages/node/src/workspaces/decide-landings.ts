/** A workspace's decisions about what lands on its branches, one landing at a time (rules W5, K3). Pure. */
import { SkeinError } from '@skein/protocol/errors';
import { pairsOf } from '@skein/protocol/keyed';
import type { WorkspaceCommands } from '@skein/protocol/workspaces/commands';
import type { WorkspaceEvents } from '@skein/protocol/workspaces/events';
import {
  MAX_CLAIMS,
  MAX_GLOBS,
  MAX_LANDING,
  MAX_TOLD,
  PERSON_LEASE_MS,
} from '@skein/protocol/workspaces/limits';
import { formatPattern, patternOfPath, shownPattern } from '@skein/protocol/workspaces/patterns';
import type { Landing, WorkspaceState } from '@skein/protocol/workspaces/state';
import type { DecideContext, Decision, EffectOutcome } from '../kernel/types.ts';
import { inTheWay } from './claims/in-the-way.ts';
import { blockingOf } from './claims/refusals.ts';
import { release } from './decide-claims.ts';
import { Draft } from './draft.ts';
import { grantWaiters } from './grant.ts';

type Changed = WorkspaceEvents['landing.changed'];

/** The effects: what they do is in landing/effects.ts. Each is of the landing that its body names. */
export const LAND = 'land';
export const UNDO_LANDING = 'undo-landing';
export const CANCEL_LANDING = 'cancel-landing';
/** Takes away what the repository knows of it. */
export const FORGET_LANDING = 'forget-landing';
const EFFECTS = [LAND, UNDO_LANDING, CANCEL_LANDING, FORGET_LANDING];

/** What the node adds to the command; null when there is no such workspace. */
export interface LandingFacts {
  from: { name: string; root: string; of: string | null; told: Changed['told'] } | null;
}

/** What a landing, or its undoing, has come to. */
export type LandingEnd = Pick<Changed, 'state'> & Partial<Changed>;

type Body<K extends keyof WorkspaceCommands> = WorkspaceCommands[K];
type Handlers = {
  [K in keyof WorkspaceCommands & `landing.${string}`]: (
    state: WorkspaceState,
    body: Body<K>,
    ctx: DecideContext,
  ) => Decision;
};

export const landingHandlers: Handlers = {
  'landing.begin': beginLanding,
  'landing.undo': undoLanding,
  'landing.cancel': cancelLanding,
};

function beginLanding(state: WorkspaceState, body: Body<'landing.begin'>, ctx: DecideContext): Decision {
  const { landing, from: id, how, onto = '', check = null, message = null } = body;
  checkReady(state);
  const { from } = (ctx.facts ?? { from: null }) as LandingFacts;
  if (from === null) throw new SkeinError('not_found', `There is no workspace ${id}.`);
  if (from.of !== state.id) {
    const why = `"${from.name}" is no worktree of "${state.name}", so nothing of it can land there.`;
    throw new SkeinError('bad_request', why);
  }
  if (state.landings.some((one) => one.landing === landing))
    throw new SkeinError('name_taken', `There is a landing ${landing} already.`);
  const same = state.landings.find((one) => one.from === id && !isOver(one));
  if (same !== undefined)
    throw new SkeinError('already_running', `"${from.name}" is landing already.`, { landing: same.landing });
  const draft = new Draft(state, ctx);
  change(draft, {
    ...{ landing, state: 'waiting', step: null, from: id, fromName: from.name, fromRoot: from.root },
    ...{ branch: '', onto, how, before: null, after: null, head: null, commits: 0, paths: [], output: '' },
    ...{
      check,
      words: message,
      message: behind(state),
      cancelled: false,
      told: from.told.slice(0, MAX_TOLD),
    },
    ...(body.brought === true ? { brought: true } : {}),
  });
  return begun(draft, landing);
}

function undoLanding(
  state: WorkspaceState,
  { landing: id }: Body<'landing.undo'>,
  ctx: DecideContext,
): Decision {
  checkReady(state);
  const landing = landingIn(state, id);
  if (landing.state !== 'landed') {
    const why = landing.state === 'undone' ? 'was undone already' : 'has not landed';
    throw new SkeinError('bad_request', `What "${landing.fromName}" had ${why}.`, { state: landing.state });
  }
  const draft = new Draft(state, ctx);
  change(draft, { ...landing, state: 'waiting', step: 'undo', cancelled: false, message: behind(state) });
  return begun(draft, id);
}

function cancelLanding(
  state: WorkspaceState,
  { landing: id }: Body<'landing.cancel'>,
  ctx: DecideContext,
): Decision {
  const landing = landingIn(state, id);
  const draft = new Draft(state, ctx);
  if (landing.state === 'waiting') {
    const was = landing.step === 'undo' ? 'landed' : 'stopped';
    change(draft, { ...landing, state: was, step: null, message: 'It was cancelled.' });
    return draft.decision();
  }
  if (landing.state !== 'running')
    throw new SkeinError('not_running', 'That landing has come to its end.', { state: landing.state });
  if (landing.step === 'move' || landing.step === 'undo')
    throw new SkeinError('not_running', 'It is too late: the branch is moving. It can be undone afterwards.');
  if (landing.cancelled) return {};
  change(draft, { ...landing, cancelled: true });
  draft.effects.push({ id: `cancel ${id}`, kind: CANCEL_LANDING, body: { landing: id } });
  return draft.decision();
}

/** How far it has come, told by what does it: refused when it is not to go on. */
export function stepLanding(
  state: WorkspaceState,
  { landing: id, ...facts }: { landing: string } & Partial<Changed>,
  ctx: DecideContext,
): Decision {
  const landing = landingIn(state, id);
  if (landing.state !== 'running' || landing.cancelled) throw new SkeinError('gone', 'It was cancelled.');
  const draft = new Draft(state, ctx);
  change(draft, { ...landing, ...facts });
  return draft.decision();
}

/**
 * Keeps others from the paths that are about to change in this workspace's tree, until it is over: refused `claimed` where
 * somebody holds or writes one (W2). As the machine's user: their own claims are in nobody's way. The same again changes nothing.
 */
export function holdForLanding(
  state: WorkspaceState,
  { landing, name, paths }: { landing: string; name: string; paths: string[] },
  ctx: DecideContext,
): Decision {
  const holder = { kind: 'person' as const, member: null, name: `the landing of ${name}` };
  const patterns = paths.map((one) => patternOfPath(one));
  const draft = new Draft(state, ctx);
  const blocking = inTheWay(state, draft.index, holder, patterns).filter(({ kind }) => kind !== 'waiter');
  if (blocking.length > 0) {
    const held = blockingOf(blocking);
    const what = blocking.flatMap((entry) => (entry.kind === 'claim' ? entry.claim.globs : []))[0];
    const whose = blocking[0]?.holder.name ?? 'somebody';
    const message = `${what === undefined ? 'Something that is to land' : `"${shownPattern(what)}"`} is held in "${state.name}" by ${whose}. Land again when it is released: skein claims ${state.name}`;
    throw new SkeinError('claimed', message, { workspace: state.id, blocking: held });
  }
  if (heldFor(state, landing).length > 0) return {};
  const globs = patterns.map(formatPattern);
  // More than that nobody holds by name: then they were looked at, and the moment in between is the tree's own lock's.
  if (globs.length > (MAX_CLAIMS / 2) * MAX_GLOBS) return {};
  for (let n = 0; n < globs.length; n += MAX_GLOBS) {
    const fence = draft.state.fence + 1;
    const claim = `${landing}-${n / MAX_GLOBS}`;
    const part = globs.slice(n, n + MAX_GLOBS);
    draft.push('claim.taken', { claim, globs: part, holder, fence, lease: PERSON_LEASE_MS, implicit: true });
  }
  return draft.decision();
}

export function unholdLanding(
  state: WorkspaceState,
  { landing }: { landing: string },
  ctx: DecideContext,
): Decision {
  const draft = new Draft(state, ctx);
  letGo(draft, landing);
  return draft.decision();
}

function letGo(draft: Draft, landing: string): void {
  for (const claim of heldFor(draft.state, landing)) release(draft, claim, 'released');
  grantWaiters(draft);
}

/** What is held here for a landing. */
export function heldFor(state: WorkspaceState, landing: string) {
  return [...pairsOf(state.claims)].flatMap(([id, claim]) => (id.startsWith(`${landing}-`) ? [claim] : []));
}

/** Undefined for the outcome of an effect that is another's. */
export function landingOutcome(
  state: WorkspaceState,
  outcome: EffectOutcome,
  ctx: DecideContext,
): Decision | undefined {
  if (!EFFECTS.includes(outcome.kind)) return undefined;
  if (outcome.kind === CANCEL_LANDING || outcome.kind === FORGET_LANDING) return {};
  const id = outcome.id.slice(outcome.id.indexOf(' ') + 1);
  const landing = state.landings.find((one) => one.landing === id);
  if (landing?.state !== 'running') return {};
  const draft = new Draft(state, ctx);
  letGo(draft, id);
  change(draft, { ...landing, paths: [], cancelled: false, ...endOf(outcome, landing), step: null });
  draft.effects.push({ id: `forget ${id}`, kind: FORGET_LANDING, body: { landing: id } });
  startNext(draft);
  return draft.decision();
}

function endOf(outcome: EffectOutcome, { cancelled }: Landing): LandingEnd {
  if (outcome.status === 'done') return outcome.value as LandingEnd;
  const message =
    outcome.status === 'unknown' ? 'It is not known what has come of it.' : outcome.error.message;
  return {
    state: outcome.kind === LAND ? 'stopped' : 'landed',
    message: cancelled ? 'It was cancelled.' : message.slice(0, 4_096),
  };
}

function begun(draft: Draft, landing: string): Decision {
  startNext(draft);
  const { landings } = draft.state;
  const before = landings.filter((one) => !isOver(one) && one.landing !== landing).length;
  return draft.decision({ landing, before, offset: draft.ctx.offset });
}

/** One at a time, in the order in which they were asked for. */
function startNext(draft: Draft): void {
  const { landings } = draft.state;
  if (landings.some(({ state }) => state === 'running')) return;
  const next = landings.find(({ state }) => state === 'waiting');
  if (next === undefined) return;
  const { landing, step } = next;
  const kind = step === 'undo' ? UNDO_LANDING : LAND;
  change(draft, { ...next, state: 'running', step: step ?? 'commit', message: null });
  draft.effects.push({ id: `${kind} ${landing}`, kind, body: { landing } });
}

function change(draft: Draft, landing: Changed | Landing): void {
  const { at: _, by: __, ...body } = { at: 0, by: null, ...landing };
  draft.push('landing.changed', body);
  // What is asked for and printed is this machine's.
  const { fromRoot: _1, check: _2, words: _3, output: _4, cancelled: _5, told, ...note } = body;
  for (const { session, agent } of told) draft.note(session, 'landing.changed', { ...note, agent });
}

/** What one that waits is told: null when it is its turn. */
function behind({ landings }: WorkspaceState): string | null {
  const names = landings.filter((one) => !isOver(one)).map(({ fromName }) => fromName);
  return names.length === 0 ? null : `It waits behind ${names.join(', ')}.`.slice(0, 4_096);
}

const isOver = ({ state }: Landing): boolean => state !== 'waiting' && state !== 'running';

function landingIn(state: WorkspaceState, id: string): Landing {
  const landing = state.landings.find((one) => one.landing === id);
  if (landing === undefined)
    throw new SkeinError('not_found', `Workspace "${state.name}" knows of no landing ${id}.`);
  return landing;
}

function checkReady(state: WorkspaceState): void {
  if (state.life !== 'ready')
    throw new SkeinError('not_found', `Workspace "${state.name}" is not ready.`, { life: state.life });
  if (state.git === null)
    throw new SkeinError('not_a_repository', `Workspace "${state.name}" is no git repository.`);
  if (state.landings.filter((one) => !isOver(one)).length >= MAX_LANDING)
    throw new SkeinError('too_large', `${MAX_LANDING} landings wait already. Try again later.`);
}
