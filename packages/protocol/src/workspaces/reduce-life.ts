/** How a workspace's state changes with the events of its making and its end (rules L5, W5). Pure. */
import { emptyKeyed } from '../keyed.ts';
import type { StoredEvent } from '../sessions/events.ts';
import type { WorkspaceEvents } from './events.ts';
import type { WorkspaceState } from './state.ts';

type Life = { [K in keyof WorkspaceEvents & `workspace.${string}`]: WorkspaceEvents[K] };
type Reducers = { [K in keyof Life]: (state: WorkspaceState, body: Life[K], at: number) => WorkspaceState };

const reducers: Reducers = {
  'workspace.created': (state, body, at) => ({ ...state, ...body, created: at, life: 'preparing' }),
  'workspace.step': (state, { step, state: now }) => ({ ...state, steps: { ...state.steps, [step]: now } }),
  'workspace.ready': (state, { git, folds }) => ({ ...state, life: 'ready', git, folds, why: null }),
  'workspace.brought': (state, body, at) => ({ ...state, brought: { ...body, at } }),
  'workspace.failed': (state, { message }) => ({ ...state, life: 'failed', why: message }),
  'workspace.removing': (state) => {
    // What was being made when it was to go is no longer made.
    const before = state.life === 'ready' ? 'ready' : 'failed';
    const { teardown: _, remove: __, ...steps } = state.steps;
    return { ...state, life: 'removing', before, steps };
  },
  // What has been removed in part is not what it was before.
  'workspace.kept': (state, { message }) => ({
    ...state,
    life: state.steps.remove === undefined ? (state.before ?? 'failed') : 'failed',
    before: null,
    why: message,
  }),
  // Of what is not there nothing is held. The numbers go on: it may be made again.
  'workspace.removed': (state) => ({
    ...state,
    ...{ life: 'removed', before: null, claims: emptyKeyed(), waiters: [] },
  }),
};

/** Undefined for an event of another kind. */
export function reduceLife(
  state: WorkspaceState,
  { type, body, at }: StoredEvent,
): WorkspaceState | undefined {
  if (!Object.hasOwn(reducers, type)) return undefined;
  const reduce = reducers[type as keyof Life] as (
    s: WorkspaceState,
    b: unknown,
    at: number,
  ) => WorkspaceState;
  return reduce(state, body, at);
}
