/** A workspace's decisions about its making and its end (rules K3, K4, W5). Pure. */
import { SkeinError } from '@skein/protocol/errors';
import { pairsOf } from '@skein/protocol/keyed';
import type { Source, WorkspaceCommands, WorkspaceNodeCommands } from '@skein/protocol/workspaces/commands';
import type { WorkspaceEvents, WorkspaceLife } from '@skein/protocol/workspaces/events';
import type { WorkspaceState } from '@skein/protocol/workspaces/state';
import type { DecideContext, Decision, EffectOutcome, Tell } from '../kernel/types.ts';
import { release } from './decide-claims.ts';
import { Draft } from './draft.ts';

/** Puts its files where they belong; done, its value is the body of `workspace.ready`. */
export const PREPARE_WORKSPACE = 'prepare-workspace';
/** Takes them away; done, its value is a `Removed`. */
export const REMOVE_WORKSPACE = 'remove-workspace';

export interface PrepareWorkspace {
  id: string;
}

export interface RemoveWorkspace {
  id: string;
  force: boolean;
  /** Its last run has left, and it is to go only now if nobody comes back to it. */
  last: boolean;
}

export type Removed = { kept: { code: string; message: string } } | { told: string };

/** What the node's actor tells of a new workspace. */
export type BeginWorkspace = Omit<WorkspaceNodeCommands['workspace.create'], 'source'> & {
  source: Source;
  name: string;
  root: string;
  agent?: NonNullable<WorkspaceState['agent']>;
};

export function beginWorkspace(state: WorkspaceState, body: BeginWorkspace): Decision {
  const { id, name, source, root, strict, keep, setup = null, teardown = null, agent = null, compose } = body;
  if (state.life !== 'none' && state.life !== 'removed')
    throw new SkeinError('name_taken', `There is a workspace ${id} already.`);
  const guard = body.guard ?? source.kind === 'git';
  const created = {
    ...{ guard, id, name, source, root, strict, keep, setup, teardown, agent },
    ...(compose === undefined ? {} : { compose }),
  };
  const effect: PrepareWorkspace = { id };
  return {
    events: [{ type: 'workspace.created', body: created }],
    effects: [{ id: 'prepare', kind: PREPARE_WORKSPACE, body: effect }],
  };
}

/** A part of its making or removing, as its effect tells it. */
export function stepOf(state: WorkspaceState, body: WorkspaceEvents['workspace.step']): Decision {
  const making = body.step === 'fetch' || body.step === 'setup' || body.step === 'guard';
  if (state.life !== (making ? 'preparing' : 'removing'))
    throw new SkeinError('gone', `Workspace ${state.id} is ${state.life}.`);
  return { events: [{ type: 'workspace.step', body }] };
}

function removeWorkspace(
  state: WorkspaceState,
  { force }: WorkspaceCommands['workspace.remove'],
  ctx: DecideContext,
): Decision {
  const { id, name, life } = state;
  const reply = { id, name, offset: ctx.offset };
  if (life === 'removing') return { reply };
  const landing = state.landings.find((one) => one.state === 'waiting' || one.state === 'running');
  if (landing !== undefined) {
    const message = `"${landing.fromName}" is landing in workspace "${name}". Wait for that, or cancel it.`;
    throw new SkeinError('still_running', message, { landing: landing.landing });
  }
  const inside = Object.values(state.runs);
  if (inside.length > 0) {
    const names = inside.map((run) => run.name);
    const [works, them] = inside.length === 1 ? ['works', 'it'] : ['work', 'them'];
    const message = `In workspace "${name}" there ${works} ${names.join(', ')}. Stop ${them} first: skein stop ${names.join(' ')}`;
    throw new SkeinError('still_running', message, { runs: inside.map(({ run }) => run) });
  }
  return { ...going(state, { force, last: false }, ctx), reply };
}

/** Its last run has left: one that is to be kept only until then goes, unless somebody holds on to it. */
export function afterLast(state: WorkspaceState, ctx: DecideContext): Decision {
  const { keep, life, runs } = state;
  // One that could not be made goes with the agent that it was for.
  if (keep !== 'last' || (life !== 'ready' && life !== 'failed')) return {};
  if (Object.keys(runs).length > 0) return {};
  return going(state, { force: false, last: true }, ctx);
}

/** What another machine's tree held is in it; the node has put it there. */
export function broughtBack(state: WorkspaceState, body: WorkspaceEvents['workspace.brought']): Decision {
  if (state.life !== 'ready') throw new SkeinError('gone', `Workspace ${state.id} is ${state.life}.`);
  return { events: [{ type: 'workspace.brought', body }] };
}

/** The agent that it was made for is removed, here or on another machine: it goes, unless it holds what is nowhere else. */
export function unhosted(state: WorkspaceState, _: unknown, ctx: DecideContext): Decision {
  const { life, runs } = state;
  if ((life !== 'ready' && life !== 'failed') || Object.keys(runs).length > 0) return {};
  return going(state, { force: false, last: true }, ctx);
}

function going(
  state: WorkspaceState,
  how: Pick<RemoveWorkspace, 'force' | 'last'>,
  { offset }: DecideContext,
): Decision {
  const body: RemoveWorkspace = { id: state.id, ...how };
  return {
    events: [{ type: 'workspace.removing', body: {} }],
    effects: [{ id: `remove ${offset}`, kind: REMOVE_WORKSPACE, body }],
    // It refuses while other workspaces need this one: then nothing of all this happens.
    tell: mark(state, 'removing'),
  };
}

/** How an effect of its making or removing has ended. */
export function lifeOutcome(state: WorkspaceState, effect: EffectOutcome, ctx: DecideContext): Decision {
  if (effect.kind === PREPARE_WORKSPACE) return prepared(state, effect, ctx);
  return effect.kind === REMOVE_WORKSPACE ? removed(state, effect, ctx) : {};
}

function prepared(state: WorkspaceState, effect: EffectOutcome, ctx: DecideContext): Decision {
  if (state.life !== 'preparing') return {};
  if (effect.status !== 'done')
    return { events: [{ type: 'workspace.failed', body: failure(effect) }], tell: mark(state, 'failed') };
  const draft = new Draft(state, ctx);
  draft.push('workspace.ready', effect.value as WorkspaceEvents['workspace.ready']);
  const { events = [], tell = [] } = draft.decision();
  const at = { ...ctx, offset: ctx.offset + events.length };
  // One that was made for an agent is there for nobody if that has ended meanwhile.
  const then = state.agent === null ? {} : afterLast(draft.state, at);
  return {
    events: [...events, ...(then.events ?? [])],
    effects: then.effects ?? [],
    tell: [...tell, ...mark(state, 'ready'), ...(then.tell ?? [])],
  };
}

function removed(state: WorkspaceState, effect: EffectOutcome, ctx: DecideContext): Decision {
  if (state.life !== 'removing') return {};
  const value = effect.status === 'done' ? (effect.value as Removed) : { kept: failure(effect) };
  if ('kept' in value) {
    const then = state.steps.remove === undefined ? (state.before ?? 'failed') : 'failed';
    return { events: [{ type: 'workspace.kept', body: value.kept }], tell: mark(state, then) };
  }
  const draft = new Draft(state, ctx);
  for (const [, claim] of pairsOf(state.claims)) release(draft, claim, 'removed');
  for (const { claim } of state.waiters)
    draft.push('claim.dropped', { claim, why: 'Its workspace was removed.' });
  draft.push('workspace.step', { step: 'remove', state: 'done', code: null, output: value.told });
  draft.push('workspace.removed', {});
  draft.tell.push({ target: 'node', type: 'workspace.forget', body: { id: state.id } });
  return draft.decision();
}

function failure(effect: EffectOutcome): { code: string; message: string } {
  if (effect.status !== 'failed') return { code: 'internal', message: 'It is not known what came of it.' };
  return { code: effect.error.code, message: effect.error.message.slice(0, 4_000) };
}

function mark({ id }: WorkspaceState, life: WorkspaceLife): Tell[] {
  return [{ target: 'node', type: 'workspace.mark', body: { id, life } }];
}

type Handlers = {
  [K in keyof WorkspaceCommands & `workspace.${string}`]: (
    state: WorkspaceState,
    body: WorkspaceCommands[K],
    ctx: DecideContext,
  ) => Decision;
};

export const lifeHandlers: Handlers = { 'workspace.remove': removeWorkspace };
