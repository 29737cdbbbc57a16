/** The mesh as this node knows it, as a pure function of the events of `peers` (rule L5). */
import type { GrantEvents } from '../machines/events.ts';
import type { Role } from '../members/roles.ts';
import type { StoredEvent } from '../sessions/events.ts';
import type { PeerEvents } from './events.ts';

/** A session of another node, as it was when it was joined; what it is now that node tells. */
interface AwaySession {
  id: string;
  name: string;
  role: Role;
  /** What this node's user is in it. */
  member: string;
  joined: number;
}

export interface KnownPeer {
  /** Its PeerId. */
  peer: string;
  name: string;
  addrs: string[];
  relays: string[];
  /** What of these this machine's user gave; absent for all, as long as the peer has told no others. */
  given?: { addrs: string[]; relays: string[] } | undefined;
  added: number;
  sessions: Record<string, AwaySession>;
}

export interface PeersState {
  on: boolean;
  /** What this node is called by others; empty for the machine's own name. */
  name: string;
  listen: string[];
  relays: string[];
  /** By PeerId. */
  known: Record<string, KnownPeer>;
  /** PeerIds. */
  blocked: string[];
  /** What other machines may do with agents here, by id. */
  grants: Record<string, Grant>;
}

export type Grant = GrantEvents['grant.given'] & { given: number };

/** Reducer version: raise it when the same events give another state. */
export const PEERS_REDUCER = 3;

export function emptyPeers(): PeersState {
  return { on: false, name: '', listen: [], relays: [], known: {}, blocked: [], grants: {} };
}

/** The state of an earlier reducer as this one would have it: before the second no grants, before the third nothing told. */
export function migratePeers(state: unknown, version: number): PeersState | undefined {
  return version === 1 || version === 2 ? { ...emptyPeers(), ...(state as Partial<PeersState>) } : undefined;
}

type Body<K extends keyof PeerEvents> = PeerEvents[K];

/** The state after one more event. Never changes the state it is given. */
export function reducePeers(state: PeersState, event: StoredEvent): PeersState {
  switch (event.type as keyof PeerEvents) {
    case 'mesh.configured':
      return { ...state, ...(event.body as Body<'mesh.configured'>) };
    case 'peer.added': {
      const body = event.body as Body<'peer.added'>;
      return put(state, { ...body, added: event.at, sessions: {} });
    }
    case 'peer.placed': {
      const { peer, ...places } = event.body as Body<'peer.placed'>;
      return onPeer(state, peer, ({ given: _, ...old }) => ({ ...old, ...places }));
    }
    case 'peer.renamed': {
      const { peer, name } = event.body as Body<'peer.renamed'>;
      return onPeer(state, peer, (old) => ({ ...old, name }));
    }
    case 'peer.forgotten': {
      const { [(event.body as Body<'peer.forgotten'>).peer]: _, ...known } = state.known;
      return { ...state, known };
    }
    case 'peer.blocked': {
      const { peer, blocked } = event.body as Body<'peer.blocked'>;
      const others = state.blocked.filter((one) => one !== peer);
      return { ...state, blocked: blocked ? [...others, peer] : others };
    }
    case 'away.joined': {
      const { peer, session: id, name, role, member } = event.body as Body<'away.joined'>;
      const session = { id, name, role, member, joined: event.at };
      return onPeer(state, peer, (old) => ({ ...old, sessions: { ...old.sessions, [id]: session } }));
    }
    case 'away.forgotten': {
      const { peer, session } = event.body as Body<'away.forgotten'>;
      return onPeer(state, peer, (old) => {
        const { [session]: _, ...sessions } = old.sessions;
        return { ...old, sessions };
      });
    }
    case 'grant.given': {
      const body = event.body as Body<'grant.given'>;
      return { ...state, grants: { ...state.grants, [body.grant]: { ...body, given: event.at } } };
    }
    case 'grant.revoked': {
      const { [(event.body as Body<'grant.revoked'>).grant]: _, ...grants } = state.grants;
      return { ...state, grants };
    }
    default:
      return state;
  }
}

function put(state: PeersState, peer: KnownPeer): PeersState {
  return { ...state, known: { ...state.known, [peer.peer]: peer } };
}

function onPeer(state: PeersState, id: string, change: (peer: KnownPeer) => KnownPeer): PeersState {
  const peer = Object.hasOwn(state.known, id) ? state.known[id] : undefined;
  return peer === undefined ? state : put(state, change(peer));
}
