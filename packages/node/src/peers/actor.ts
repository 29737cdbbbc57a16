/** The actor of `peers`: the mesh's configuration, and the nodes and sessions elsewhere that this one knows (rule K3). Pure. */
import { SkeinError } from '@skein/protocol/errors';
import { type PeerCommands, peerCommands } from '@skein/protocol/peers/commands';
import type { PeerEvents } from '@skein/protocol/peers/events';
import {
  emptyPeers,
  type KnownPeer,
  migratePeers,
  PEERS_REDUCER,
  type PeersState,
  reducePeers,
} from '@skein/protocol/peers/state';
import { formatRelayAddress, parseRelayAddress } from '@skein/protocol/relay/address';
import { likeness } from '@skein/protocol/text/likeness';
import { freeName } from '../actors/free-name.ts';
import { knownCommand, unknownCommand } from '../actors/known-command.ts';
import { parseBody } from '../actors/parse-body.ts';
import { type ActorKind, type Decision, EFFECT_OUTCOME, type NewEvent } from '../kernel/types.ts';
import {
  type CheckGrant,
  checkGrant,
  type EndGranted,
  giveGrant,
  lapseGrant,
  revokeAll,
  revokeGrant,
} from '../machines/worker/grants.ts';
import { notAllowed } from '../members/refusals.ts';

const WHOM = 'The mesh';

/** Nodes, and sessions on one of them, that are remembered. */
const MAX_KNOWN = 1_000;
const MAX_AWAY = 1_000;
const MAX_BLOCKED = 10_000;

export const CONFIGURE_MESH = 'configure-mesh';
export const CUT_PEER = 'cut-peer';

/** Where a node is found. */
type Places = Pick<PeerEvents['peer.added'], 'addrs' | 'relays'>;

/** What the node itself tells: a ticket was redeemed. */
export interface Joined extends Places {
  peer: string;
  /** What its node is called by itself. */
  node: string;
  session: PeerEvents['away.joined'];
}

/** What the node itself tells: a peer said where it is found. */
interface Told extends Places {
  peer: string;
}

/** What the node adds to `peer.block`: who it is itself. */
export interface OwnFacts {
  self: string;
}

/** What the node itself tells: what another one answered when it was asked for its sessions. */
export interface AwayListed {
  peer: string;
  /** Those that were known when it was asked: what was joined meanwhile it could not tell of. */
  asked: string[];
  /** All that it tells of, whether it makes sense or not. */
  told: string[];
  sessions: Pick<PeerEvents['away.joined'], 'session' | 'name' | 'role'>[];
}

export const peersActor: ActorKind<PeersState> = {
  kind: 'peers',
  version: PEERS_REDUCER,
  initial: emptyPeers,
  apply: reducePeers,
  migrate: migratePeers,
  decide(state, { type, body }, ctx): Decision {
    if (ctx.command !== undefined) {
      knownCommand(peerCommands, type, WHOM);
      if ((ctx.by as { kind?: unknown } | null)?.kind !== 'owner') throw notAllowed('node-owner', 'device');
    }
    switch (type) {
      case 'mesh.configure':
        return configure(state, parseBody(peerCommands['mesh.configure'], body));
      case 'peer.rename':
        return rename(state, parseBody(peerCommands['peer.rename'], body));
      case 'peer.forget': {
        const { peer } = parseBody(peerCommands['peer.forget'], body);
        known(state, peer);
        return { events: [{ type: 'peer.forgotten', body: { peer } }], effects: [cut(peer, 'forgotten')] };
      }
      case 'peer.block':
        return block(state, parseBody(peerCommands['peer.block'], body), ctx.facts as OwnFacts | undefined);
      case 'away.join':
        return joined(state, body as Joined);
      case 'away.listed':
        return listed(state, body as AwayListed);
      case 'grant.give':
        return giveGrant(state, parseBody(peerCommands['grant.give'], body), ctx);
      case 'grant.revoke':
        return revokeGrant(state, parseBody(peerCommands['grant.revoke'], body));
      case 'grant.lapse':
        return lapseGrant(state, body as EndGranted, ctx);
      case 'grant.check':
        return checkGrant(state, body as CheckGrant, ctx);
      case 'peer.told': {
        const { peer, ...told } = body as Told;
        const placed = placedAnew(state, peer, told);
        return placed === undefined ? {} : { events: [{ type: 'peer.placed', body: placed }] };
      }
      case 'peer.add':
        return add(state, parseBody(peerCommands['peer.add'], body));
      case EFFECT_OUTCOME:
        return {};
      default:
        throw unknownCommand(type, WHOM);
    }
  },
};

function configure(state: PeersState, given: PeerCommands['mesh.configure']): Decision {
  const removed = new Set((given.remove ?? []).map(withoutPin));
  const relays = merge(given.relays ?? state.relays, given.add ?? []).filter(
    (url) => !removed.has(withoutPin(url)),
  );
  const body: PeerEvents['mesh.configured'] = {
    on: given.on ?? state.on,
    name: given.name ?? state.name,
    listen: given.listen ?? state.listen,
    relays,
  };
  const same = (Object.keys(body) as (keyof typeof body)[]).every(
    (key) => JSON.stringify(body[key]) === JSON.stringify(state[key]),
  );
  if (same) return { reply: body };
  return {
    events: [{ type: 'mesh.configured', body }],
    effects: [{ id: 'mesh', kind: CONFIGURE_MESH, body: {} }],
    reply: body,
  };
}

/** Each relay once, always written the same; one that is pinned takes the place of the same without a pin. */
function merge(old: readonly string[], added: readonly string[]): string[] {
  const byUrl = new Map<string, string>();
  for (const address of [...old, ...added].map(parseRelayAddress))
    if (address.relay !== undefined || !byUrl.has(address.url))
      byUrl.set(address.url, formatRelayAddress(address));
  return [...byUrl.values()];
}

function withoutPin(relay: string): string {
  return parseRelayAddress(relay).url;
}

function rename(state: PeersState, { peer, name }: PeerCommands['peer.rename']): Decision {
  if (known(state, peer).name === name) return { reply: { peer, name } };
  const other = Object.values(state.known).find((one) => one.name === name);
  if (other !== undefined)
    throw new SkeinError('name_taken', `Another node is called "${name}": ${other.peer}.`);
  return { events: [{ type: 'peer.renamed', body: { peer, name } }], reply: { peer, name } };
}

function block(
  state: PeersState,
  { peer, blocked }: PeerCommands['peer.block'],
  facts: OwnFacts | undefined,
): Decision {
  if (blocked && peer === facts?.self) throw new SkeinError('bad_request', 'That is this node itself.');
  if (state.blocked.includes(peer) === blocked) return { reply: { peer, blocked } };
  if (blocked && state.blocked.length >= MAX_BLOCKED)
    throw new SkeinError('too_large', `At most ${MAX_BLOCKED} nodes can be blocked.`);
  const event = { type: 'peer.blocked', body: { peer, blocked } };
  if (!blocked) return { events: [event], reply: { peer, blocked } };
  // Nothing of it is let in any more: what it runs here is ended as well (X1).
  const { events, effects } = revokeAll(state, peer);
  return {
    events: [event, ...events],
    effects: [cut(peer, 'blocked'), ...effects],
    reply: { peer, blocked },
  };
}

function joined(state: PeersState, { peer, node, addrs, relays, session }: Joined): Decision {
  const old = Object.hasOwn(state.known, peer) ? state.known[peer] : undefined;
  const { name, events } = found(state, { peer, addrs, relays }, node);
  const before = old?.sessions[session.session];
  if (before === undefined && Object.keys(old?.sessions ?? {}).length >= MAX_AWAY)
    throw new SkeinError(
      'too_large',
      `${MAX_AWAY} sessions of that node are known. Forget it and them first: skein node forget ${name}`,
    );
  if (before === undefined || before.role !== session.role || before.name !== session.name)
    events.push({ type: 'away.joined', body: session });
  return { events, reply: { node: name } };
}

/** What is there no more is forgotten; the rest is called, and may be used, as that node says. */
function listed(state: PeersState, { peer, asked, told, sessions }: AwayListed): Decision {
  const old = Object.hasOwn(state.known, peer) ? state.known[peer] : undefined;
  const there = new Set(told);
  const events = Object.values(old?.sessions ?? {}).flatMap(({ id, name, role, member }): NewEvent[] => {
    if (!asked.includes(id)) return [];
    if (!there.has(id)) return [{ type: 'away.forgotten', body: { peer, session: id } }];
    const now = sessions.find(({ session }) => session === id);
    if (now === undefined || (now.name === name && now.role === role)) return [];
    return [{ type: 'away.joined', body: { peer, ...now, member } }];
  });
  return { events };
}

/** A node that is found there: known from now on, or found elsewhere than before. */
function found(
  state: PeersState,
  { peer, addrs, relays }: Places & { peer: string },
  wish: string,
): { name: string; events: NewEvent[] } {
  const old = Object.hasOwn(state.known, peer) ? state.known[peer] : undefined;
  if (old !== undefined) {
    const events = isSame(givenOf(old), { addrs, relays })
      ? []
      : [{ type: 'peer.placed', body: { peer, addrs, relays } }];
    return { name: old.name, events };
  }
  if (Object.keys(state.known).length >= MAX_KNOWN)
    throw new SkeinError('too_large', `${MAX_KNOWN} nodes are known. Forget some: skein node forget.`);
  const taken = new Set(Object.values(state.known).map((one) => likeness(one.name)));
  const name = freeName(wish, 'node', taken, likeness);
  return { name, events: [{ type: 'peer.added', body: { peer, name, addrs, relays } }] };
}

/**
 * Where a node is found, now that it has told so itself: there, and where this machine's user was told it would be.
 * Undefined when that is known, or the node is not, or nothing of it is let in.
 */
export function placedAnew(
  state: PeersState,
  peer: string,
  told: Places,
): PeerEvents['peer.placed'] | undefined {
  const old = Object.hasOwn(state.known, peer) ? state.known[peer] : undefined;
  if (old === undefined || state.blocked.includes(peer)) return undefined;
  const given = givenOf(old);
  const addrs = [...new Set([...told.addrs, ...given.addrs])];
  const relays = [...new Set([...told.relays.map(relayOnce), ...given.relays])];
  return isSame(old, { addrs, relays }) ? undefined : { peer, addrs, relays, given };
}

function givenOf({ addrs, relays, given }: KnownPeer): Places {
  return given ?? { addrs, relays };
}

/** Whether it is found at the same places, whatever their order. */
function isSame(one: Places, other: Places): boolean {
  const text = ({ addrs, relays }: Places) => JSON.stringify([[...addrs].sort(), [...relays].sort()]);
  return text(one) === text(other);
}

/** A node that is known by where it is found; once more it is found where it is said now, and called as it is said, if it is. */
function add(state: PeersState, { peer, name: wish, addrs, relays }: PeerCommands['peer.add']): Decision {
  if (state.blocked.includes(peer))
    throw new SkeinError('not_allowed', `That node is blocked here. First: skein node unblock ${peer}`);
  const { name, events } = found(state, { peer, addrs, relays: relays.map(relayOnce) }, wish ?? 'node');
  return { events, reply: { peer, name } };
}

const relayOnce = (relay: string) => formatRelayAddress(parseRelayAddress(relay));

function known(state: PeersState, peer: string) {
  const found = Object.hasOwn(state.known, peer) ? state.known[peer] : undefined;
  if (found === undefined)
    throw new SkeinError('not_found', `No node ${peer} is known here. See: skein nodes`, { peer });
  return found;
}

function cut(peer: string, why: string) {
  return { id: `cut ${peer}`, kind: CUT_PEER, body: { peer, why } };
}
