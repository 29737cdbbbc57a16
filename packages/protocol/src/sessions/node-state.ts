/** The node's index of its sessions, as a pure function of the node's events (rule L5). */
import type { NodeEvents, StoredEvent } from './events.ts';
import type { RunState } from './state.ts';

export interface Listed {
  id: string;
  name: string;
  argv: string[];
  created: number;
  state: RunState;
  run: string;
}

export interface NodeState {
  sessions: Record<string, Listed>;
}

/** Reducer version: raise it when the same events give another state. */
export const NODE_REDUCER = 1;

export function emptyNode(): NodeState {
  return { sessions: {} };
}

type Body<K extends keyof NodeEvents> = NodeEvents[K];

/** The state after one more event. Never changes the state it is given. */
export function reduceNode(state: NodeState, event: StoredEvent): NodeState {
  switch (event.type as keyof NodeEvents) {
    case 'session.added': {
      const { id, name, argv } = event.body as Body<'session.added'>;
      return put(state, { id, name, argv, created: event.at, state: 'starting', run: '' });
    }
    case 'session.renamed': {
      const { id, name } = event.body as Body<'session.renamed'>;
      const old = state.sessions[id];
      return old === undefined ? state : put(state, { ...old, name });
    }
    case 'session.changed': {
      const { id, state: now, run } = event.body as Body<'session.changed'>;
      const old = state.sessions[id];
      return old === undefined ? state : put(state, { ...old, state: now, run });
    }
    case 'session.removed': {
      const { [(event.body as Body<'session.removed'>).id]: _, ...sessions } = state.sessions;
      return { sessions };
    }
    default:
      return state;
  }
}

function put(state: NodeState, session: Listed): NodeState {
  return { sessions: { ...state.sessions, [session.id]: session } };
}
