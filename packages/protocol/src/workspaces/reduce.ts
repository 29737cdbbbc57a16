/** A workspace's state after one more event (rules L5, W1). Pure. */
import { emptyKeyed, valueAt, without, withValue } from '../keyed.ts';
import type { StoredEvent } from '../sessions/events.ts';
import type { WorkspaceEvents } from './events.ts';
import { MAX_CONFLICTS, MAX_LANDINGS } from './limits.ts';
import { reduceLife } from './reduce-life.ts';
import type { RunIn, Waiter, WorkspaceState } from './state.ts';

/** Reducer version: raise it when the same events give another state. */
export const WORKSPACE_REDUCER = 1;

export function emptyWorkspace(id: string): WorkspaceState {
  return {
    id,
    name: '',
    source: null,
    root: '',
    strict: false,
    keep: 'always',
    guard: false,
    setup: null,
    teardown: null,
    agent: null,
    created: 0,
    life: 'none',
    before: null,
    steps: {},
    why: null,
    git: null,
    folds: { case: false, unicode: false },
    runs: {},
    fence: 0,
    claims: emptyKeyed(),
    waiters: [],
    conflicts: [],
    landings: [],
  };
}

type Rest = Omit<WorkspaceEvents, `workspace.${string}`>;
type Reducers = {
  [K in keyof Rest]: (state: WorkspaceState, body: Rest[K], event: StoredEvent) => WorkspaceState;
};

const reducers: Reducers = {
  // Told again, it says more of how strongly the run is held.
  'run.entered': (state, body) => withRun(state, { ...body, calls: runIn(state, body.run)?.calls ?? {} }),
  'run.left': (state, { run }) => {
    const { [run]: _, ...runs } = state.runs;
    return { ...state, runs };
  },
  'claim.taken': (state, body, { at, by }) => {
    const claim = { ...body, n: 0, at, by };
    const waiters = dropped(state.waiters, body.claim);
    return { ...state, fence: body.fence, claims: withValue(state.claims, body.claim, claim), waiters };
  },
  'claim.waiting': (state, body, { at, by }) => {
    const waiter: Waiter = { ...body, at, by };
    const first = state.waiters.findIndex(({ steal }) => steal === null);
    // One that steals goes before those that wait for what they are given.
    const place = body.steal === null || first < 0 ? state.waiters.length : first;
    return { ...state, waiters: state.waiters.toSpliced(place, 0, waiter) };
  },
  'claim.dropped': (state, { claim }) => ({ ...state, waiters: dropped(state.waiters, claim) }),
  'claim.renewed': (state, { claim, lease }) => {
    const old = valueAt(state.claims, claim);
    if (old === undefined) return state;
    return { ...state, claims: withValue(state.claims, claim, { ...old, lease, n: old.n + 1 }) };
  },
  'claim.released': (state, { claim }) => ({ ...state, claims: without(state.claims, claim) }),
  'write.began': (state, { run, call, paths, claims }) => {
    const there = runIn(state, run);
    if (there === undefined) return state;
    return withRun(state, { ...there, calls: { ...there.calls, [call]: { paths, claims } } });
  },
  'write.ended': (state, { run, call }) => {
    const there = runIn(state, run);
    if (there === undefined) return state;
    const { [call]: _, ...calls } = there.calls;
    return withRun(state, { ...there, calls });
  },
  'conflict.found': (state, body, { at }) => ({
    ...state,
    conflicts: [...state.conflicts, { ...body, at }].slice(-MAX_CONFLICTS),
  }),
  'landing.changed': (state, body, { at, by }) => {
    const place = state.landings.findIndex(({ landing }) => landing === body.landing);
    if (place < 0)
      return { ...state, landings: [...state.landings, { ...body, at, by }].slice(-MAX_LANDINGS) };
    // Who began it, and when, stays.
    const { at: began, by: beganBy } = state.landings[place] as WorkspaceState['landings'][number];
    return { ...state, landings: state.landings.with(place, { ...body, at: began, by: beganBy }) };
  },
};

/** The state after one more event. Never changes the state it is given. Events of unknown types are passed over (L7). */
export function reduceWorkspace(state: WorkspaceState, event: StoredEvent): WorkspaceState {
  const life = reduceLife(state, event);
  if (life !== undefined) return life;
  if (!Object.hasOwn(reducers, event.type)) return state;
  const reduce = reducers[event.type as keyof Rest] as (
    s: WorkspaceState,
    body: unknown,
    e: StoredEvent,
  ) => WorkspaceState;
  return reduce(state, event.body, event);
}

export function runIn(state: WorkspaceState, run: string): RunIn | undefined {
  return Object.hasOwn(state.runs, run) ? state.runs[run] : undefined;
}

function withRun(state: WorkspaceState, run: RunIn): WorkspaceState {
  return { ...state, runs: { ...state.runs, [run.run]: run } };
}

function dropped(waiters: Waiter[], claim: string): Waiter[] {
  const place = waiters.findIndex((one) => one.claim === claim);
  return place < 0 ? waiters : waiters.toSpliced(place, 1);
}
