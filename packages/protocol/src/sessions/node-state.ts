/** The node's index of its sessions, as a pure function of the node's events (rule L5). */
import type { AgentLife } from '../agents/state.ts';
import type { ComposeLabel } from '../compose/label.ts';
import {
  changedKeys,
  emptyKeyed,
  type Keyed,
  keyed,
  pairsOf,
  valueAt,
  without,
  withValue,
} from '../keyed.ts';
import type { HostedAs } from '../machines/events.ts';
import type { Role } from '../members/roles.ts';
import type { WorkspaceLife } from '../workspaces/events.ts';
import type { NodeEvents, StoredEvent } from './events.ts';
import type { RunState } from './state.ts';

/** What a device may do in a session, kept in the index so that it is at hand for every frame (M2). */
export interface Admitted {
  member: string;
  name: string;
  role: Role;
}

/** An agent of a session, as the index knows it. */
export interface ListedAgent {
  agent: string;
  name: string;
  definition: string;
  life: AgentLife;
  /** Its present run or the last one. */
  run: string;
  /** The one that is to follow it. */
  next?: string | undefined;
}

export interface Listed {
  id: string;
  name: string;
  argv: string[];
  created: number;
  state: RunState;
  run: string;
  /** By PeerId. */
  devices: Record<string, Admitted>;
  agents: ListedAgent[];
  /** Absent where there is none. */
  work?: { tasks: number; questions: number };
  compose?: ComposeLabel;
  /** Whose it is, if another node's: its agent runs here (X1). */
  hosted?: HostedAs;
}

/** A workspace, as the index knows it. */
export interface IndexedWorkspace {
  id: string;
  name: string;
  kind: string;
  root: string;
  /** The workspace that it is a worktree of. */
  of: string | null;
  created: number;
  life: WorkspaceLife;
}

export interface NodeState {
  /** By id. */
  sessions: Keyed<Listed>;
  workspaces: Keyed<IndexedWorkspace>;
}

/** Reducer version: raise it when the same events give another state. */
export const NODE_REDUCER = 6;

export function emptyNode(): NodeState {
  return { sessions: emptyKeyed(), workspaces: emptyKeyed() };
}

/**
 * The state of an earlier reducer as this one would have it: before the second no device was admitted anywhere, before the
 * third there were no agents, before the fourth the sessions were one object, before the fifth there were no workspaces,
 * before the sixth no session was another node's.
 */
export function migrateNode(state: unknown, version: number): NodeState | undefined {
  if (version < 1 || version >= NODE_REDUCER) return undefined;
  if (version === 5) return state as NodeState;
  if (version === 4) return { ...(state as NodeState), workspaces: emptyKeyed() };
  type Before = Omit<Listed, 'devices' | 'agents'> & Partial<Pick<Listed, 'devices' | 'agents'>>;
  const { sessions } = state as { sessions: Record<string, Before> };
  // In the order in which the reducer makes them, so that the bytes are the same.
  const now = ({ devices = {}, agents = [], ...listed }: Before): Listed => ({ ...listed, devices, agents });
  return {
    sessions: keyed(Object.entries(sessions).map(([id, listed]) => [id, now(listed)])),
    workspaces: emptyKeyed(),
  };
}

export function sessionIn(state: NodeState, id: string): Listed | undefined {
  return valueAt(state.sessions, id);
}

/** What was listed of each index, for as long as that is the present one. */
const lists = new WeakMap<Keyed<Listed>, readonly Listed[]>();

/** The index that was listed last: the next is mostly that one with a session or two changed. */
let latest: Keyed<Listed> = emptyKeyed();

/** Changed sessions up to which a list is made from the last one; with more it is sorted anew. */
const FEW = 16;

/** The order of their list. */
export const byAge = (a: Pick<Listed, 'created' | 'id'>, b: Pick<Listed, 'created' | 'id'>): number =>
  a.created - b.created || (a.id === b.id ? 0 : a.id < b.id ? -1 : 1);

/** All sessions, the oldest first. */
export function sessionsIn({ sessions }: NodeState): readonly Listed[] {
  let list = lists.get(sessions);
  if (list === undefined) {
    const from = lists.get(latest);
    const changed = from === undefined ? [] : changedKeys(latest, sessions);
    list =
      from === undefined || changed.length > FEW
        ? Array.from(pairsOf(sessions), ([, listed]) => listed).sort(byAge)
        : changed.reduce((all, id) => exchanged(all, valueAt(latest, id), valueAt(sessions, id)), from);
    lists.set(sessions, list);
    latest = sessions;
  }
  return list;
}

/** The list with one session in another's place, or without it, or with one more. */
function exchanged(list: readonly Listed[], old: Listed | undefined, now: Listed | undefined): Listed[] {
  const rest = old === undefined ? [...list] : list.toSpliced(placeOf(list, old), 1);
  if (now !== undefined) rest.splice(placeOf(rest, now), 0, now);
  return rest;
}

/** Where it is, or would be. */
function placeOf(list: readonly Listed[], one: Listed): number {
  let [from, to] = [0, list.length];
  while (from < to) {
    const middle = (from + to) >>> 1;
    const there = list[middle] as Listed;
    if (byAge(there, one) < 0) from = middle + 1;
    else to = middle;
  }
  return from;
}

/**
 * The sessions to look at, by id: those that have changed since `before` was; where that is not known, all that there are and
 * those that somebody still follows.
 */
export function changedSessions(
  before: NodeState | undefined,
  now: NodeState,
  followed: Iterable<string>,
): Iterable<string> {
  if (before !== undefined) return changedKeys(before.sessions, now.sessions);
  return new Set([...sessionsIn(now).map(({ id }) => id), ...followed]);
}

/** All workspaces, the oldest first. */
export function workspacesIn({ workspaces }: NodeState): IndexedWorkspace[] {
  const all = Array.from(pairsOf(workspaces), ([, one]) => one);
  return all.sort((a, b) => a.created - b.created || (a.id < b.id ? -1 : 1));
}

type Body<K extends keyof NodeEvents> = NodeEvents[K];

/** The state after one more event. Never changes the state it is given. */
export function reduceNode(state: NodeState, event: StoredEvent): NodeState {
  switch (event.type as keyof NodeEvents) {
    case 'session.added': {
      const { id, name, argv, compose, hosted } = event.body as Body<'session.added'>;
      return put(state, {
        id,
        name,
        argv,
        created: event.at,
        state: 'starting',
        run: '',
        devices: {},
        agents: [],
        ...(compose === undefined ? {} : { compose }),
        ...(hosted === undefined ? {} : { hosted }),
      });
    }
    case 'session.renamed': {
      const { id, name } = event.body as Body<'session.renamed'>;
      const old = sessionIn(state, id);
      return old === undefined ? state : put(state, { ...old, name });
    }
    case 'session.changed': {
      const { id, state: now, run } = event.body as Body<'session.changed'>;
      const old = sessionIn(state, id);
      return old === undefined ? state : put(state, { ...old, state: now, run });
    }
    case 'session.devices': {
      const { id, set, gone } = event.body as Body<'session.devices'>;
      const old = sessionIn(state, id);
      if (old === undefined) return state;
      const devices = { ...old.devices };
      for (const device of gone) delete devices[device];
      for (const { device, ...admitted } of set) devices[device] = admitted;
      return put(state, { ...old, devices });
    }
    case 'session.agents': {
      const { id, state: now, agents } = event.body as Body<'session.agents'>;
      const old = sessionIn(state, id);
      return old === undefined ? state : put(state, { ...old, state: now, agents });
    }
    case 'session.work': {
      const { id, tasks, questions } = event.body as Body<'session.work'>;
      const old = sessionIn(state, id);
      if (old === undefined) return state;
      const { work: _, ...rest } = old;
      return put(state, tasks + questions === 0 ? rest : { ...rest, work: { tasks, questions } });
    }
    case 'session.removed': {
      const { id } = event.body as Body<'session.removed'>;
      return { ...state, sessions: without(state.sessions, id) };
    }
    case 'workspace.added': {
      const added = event.body as Body<'workspace.added'>;
      return placed(state, { ...added, created: event.at, life: 'preparing' });
    }
    case 'workspace.changed': {
      const { id, life } = event.body as Body<'workspace.changed'>;
      const old = valueAt(state.workspaces, id);
      return old === undefined ? state : placed(state, { ...old, life });
    }
    case 'workspace.gone': {
      const { id } = event.body as Body<'workspace.gone'>;
      return { ...state, workspaces: without(state.workspaces, id) };
    }
    default:
      return state;
  }
}

function put(state: NodeState, session: Listed): NodeState {
  return { ...state, sessions: withValue(state.sessions, session.id, session) };
}

function placed(state: NodeState, workspace: IndexedWorkspace): NodeState {
  return { ...state, workspaces: withValue(state.workspaces, workspace.id, workspace) };
}
