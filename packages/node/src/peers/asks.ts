/** Answers what the machine's user asks about the mesh: how this node is found, who is known, what there is elsewhere; and joins. */
import type { Client } from '@skein/protocol/client/client';
import { SkeinError } from '@skein/protocol/errors';
import { identifier } from '@skein/protocol/identifier';
import { asGivenName } from '@skein/protocol/members/names';
import { decodeTicket, hex } from '@skein/protocol/members/ticket';
import { NODE_ITSELF } from '@skein/protocol/members/who';
import type { AwayAnswer, MeshAnswer, NodeAnswer, PeerAsks, RelayAnswer } from '@skein/protocol/peers/asks';
import type { KnownPeer } from '@skein/protocol/peers/state';
import { idsByFar, listedByFar, redeemedByFar } from '@skein/protocol/peers/told';
import { type NodeState, sessionsIn } from '@skein/protocol/sessions/node-state';
import type { KernelApi } from '../kernel/types.ts';
import { LOCAL_USER } from '../members/principal.ts';
import { userName } from '../platform/user-name.ts';
import type { Handlers } from '../sessions/ask-call.ts';
import type { AwayListed, Joined } from './actor.ts';
import { visitFar } from './far-client.ts';
import { addressOf, type Meshed } from './meshed.ts';
import { byName, plainly } from './plain-words.ts';

/** Milliseconds in which a node that a ticket names must be found. */
const JOIN_MS = 30_000;
/** Milliseconds that a listing waits for a node; one that is asleep holds up nobody. */
const LIST_MS = 3_000;
/** Milliseconds for further relays when one has let this node in: that is enough to be found. */
const MORE_MS = 2_000;
/** Milliseconds between two looks at the relays. */
const LOOK_MS = 25;

export interface PeerAskContext {
  kernel: KernelApi;
  meshed: Meshed;
  version: string;
  /** Agents of sessions here that run on a node, by `session/agent`. */
  agentsOn(peer: string): string[];
}

export function peerHandlers(context: PeerAskContext): Handlers<keyof PeerAsks> {
  const { kernel, meshed } = context;
  return {
    async mesh({ wait = 0 }, { aborted }) {
      await meshed.settled;
      await registered(meshed, wait, aborted);
      return meshAnswer(meshed);
    },
    async admission({ relay, token }) {
      await meshed.keepAdmission(relay, token);
      return { relay };
    },
    async nodes() {
      await meshed.settled;
      return nodesAnswer(meshed, await peopleByDevice(kernel)).map((node) => {
        const agents = context.agentsOn(node.peer);
        return agents.length === 0 ? node : { ...node, agents };
      });
    },
    join: ({ ticket, name }) => join(context, ticket, name),
    async away() {
      await meshed.settled;
      const known = Object.values(meshed.state.known);
      return Promise.all(
        known.filter(({ sessions }) => Object.keys(sessions).length > 0).map((peer) => away(context, peer)),
      );
    },
    async meeting({ wait = 0 }, { session, aborted }) {
      await meshed.settled;
      // A ticket is of no use to anybody who cannot find the node.
      if (meshed.running === undefined) throw meshOff(meshed);
      await registered(meshed, wait, aborted);
      const { addrs, relays } = meshed.mesh.addresses();
      return { peer: meshed.id, node: meshed.name, addrs, relays, session: session.id, name: session.name };
    },
  };
}

function meshOff({ error }: Meshed): SkeinError {
  return error ?? new SkeinError('mesh_off', 'This node meets no others: nobody could come.');
}

/** Waits until each relay has let this node in or has said that it will not, or the time is over. */
async function registered(meshed: Meshed, wait: number, aborted: AbortSignal): Promise<void> {
  const began = performance.now();
  const settled = (waited: number) => {
    const states = (meshed.running?.relays() ?? []).map(({ state }) => state);
    return !states.includes('connecting') || (waited > MORE_MS && states.includes('registered'));
  };
  for (
    let waited = 0;
    waited < wait && !settled(waited) && !aborted.aborted;
    waited = performance.now() - began
  )
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
}

function meshAnswer(meshed: Meshed): MeshAnswer {
  const { running, state, lacks } = meshed;
  return {
    on: running !== undefined,
    id: meshed.id,
    name: meshed.name,
    addrs: running?.addresses().addrs ?? [],
    listen: state.listen,
    relays: running?.relays().map(relayAnswer) ?? state.relays.map((url) => ({ url, state: 'connecting' })),
    ...(lacks === undefined ? {} : { error: lacks }),
  };
}

function relayAnswer({ error, ...relay }: RelayAnswer): RelayAnswer {
  return error === undefined ? relay : { ...relay, error: plainly(error) };
}

/** The names of the members of this machine's sessions, by their devices. */
async function peopleByDevice(kernel: KernelApi): Promise<Map<string, Set<string>>> {
  const { state } = await kernel.state<NodeState>('node');
  const people = new Map<string, Set<string>>();
  for (const { devices } of sessionsIn(state))
    for (const [device, { name }] of Object.entries(devices))
      people.set(device, (people.get(device) ?? new Set()).add(name));
  return people;
}

function nodesAnswer(meshed: Meshed, people: Map<string, Set<string>>): NodeAnswer[] {
  const { known, blocked } = meshed.state;
  const seen = new Map(
    (meshed.running?.peers() ?? [])
      .filter(({ peer, path }) => path !== 'none' || Object.hasOwn(known, peer))
      .map((status) => [status.peer, status]),
  );
  const all = new Set([...Object.keys(known), ...seen.keys(), ...blocked]);
  return [...all].map((peer) => {
    const {
      wanted: _,
      tunnels: __,
      ...status
    } = seen.get(peer) ?? {
      ...{ peer, path: 'none' as const, bytesIn: 0, bytesOut: 0, wanted: false, tunnels: 0 },
    };
    const sessions = Object.values(known[peer]?.sessions ?? {});
    return {
      ...status,
      name: known[peer]?.name ?? '',
      blocked: blocked.includes(peer),
      sessions: sessions.map(({ id, name, role }) => ({ id, name, role })),
      people: [...(people.get(peer) ?? [])],
    };
  });
}

/** Redeems a ticket at the node that it names, then remembers the session. Doing it again finds this device admitted. */
async function join(
  { kernel, meshed, version }: PeerAskContext,
  text: string,
  given: string | undefined,
): Promise<PeerAsks['join']['answer']> {
  const ticket = decodeTicket(text);
  const { peer, addrs, relays, session } = ticket;
  if (!identifier.safeParse(session).success)
    throw new SkeinError('ticket_malformed', 'This is not a ticket: it names no session.');
  if (peer === meshed.id)
    throw new SkeinError('bad_request', 'This session is on this machine: it needs no ticket here.');
  if (meshed.state.blocked.includes(peer))
    throw new SkeinError('not_allowed', `That node is blocked here. First: skein node unblock ${peer}`);
  await turnOn(kernel, meshed);
  const visit = {
    mesh: meshed.mesh,
    to: { peer, addrs, relays },
    version,
    wait: JOIN_MS,
    unlessRefused: true,
  };
  const redeem = (client: Client) =>
    client.command(`session/${session}`, 'ticket.redeem', {
      secret: hex(ticket.secret),
      name: asGivenName(given ?? userName(), 'somebody'),
      deviceName: asGivenName(meshed.name, 'a device'),
    });
  const told = await visitFar(visit, redeem).catch((error) => {
    throw byName(ticket.node ?? 'The node of this ticket', error);
  });
  const { name, member, role, as } = redeemedByFar(told);
  const joined: Joined = {
    ...{ peer, addrs, relays, node: ticket.node ?? 'node' },
    session: { peer, session, name, role, member },
  };
  const kept = await kernel.submit(LOCAL_USER, { target: 'peers', type: 'away.join', body: joined });
  if (!kept.ok) throw SkeinError.fromBody(kept.error);
  const { node } = kept.value as { node: string };
  return { ref: `${node}:${name}`, node, session, role, member, name: as };
}

/** Whoever uses a ticket wants to meet the node that it names. */
async function turnOn(kernel: KernelApi, meshed: Meshed): Promise<void> {
  if (meshed.running !== undefined) return;
  const told = await kernel.submit(LOCAL_USER, {
    target: 'peers',
    type: 'mesh.configure',
    body: { on: true },
  });
  if (!told.ok) throw SkeinError.fromBody(told.error);
  await meshed.apply();
}

/** What a node tells of its sessions; what is remembered of them when it cannot be asked. */
async function away({ kernel, meshed, version }: PeerAskContext, known: KnownPeer): Promise<AwayAnswer> {
  const { name: node, peer } = known;
  const remembered = Object.values(known.sessions);
  const keep = async (told: string[], sessions: AwayAnswer['sessions']) => {
    const listed: AwayListed = {
      ...{ peer, asked: Object.keys(known.sessions), told },
      sessions: sessions.flatMap(({ id, name, role }) =>
        role === undefined ? [] : [{ session: id, name, role }],
      ),
    };
    // What cannot be recorded now, as on a full disk, is when it is asked again.
    await kernel.submit(NODE_ITSELF, { target: 'peers', type: 'away.listed', body: listed });
  };
  try {
    const visit = { mesh: meshed.mesh, to: addressOf(known), version, wait: LIST_MS };
    const told = await visitFar(visit, (client) => client.ask('sessions', {}));
    const sessions = listedByFar(told);
    await keep(idsByFar(told), sessions);
    return { node, peer, reachable: true, sessions };
  } catch (thrown) {
    const sessions = remembered.map(({ id, name, role }) => ({ id, name, role, state: 'unknown' as const }));
    const { code, message, data } = byName(node, thrown);
    // A node that no longer knows this device has nothing to show it: its last session there is gone as any other.
    if (code === 'not_allowed' && data?.has === 'stranger') await keep([], []);
    if (code === 'not_allowed') return { node, peer, reachable: true, error: message, sessions: [] };
    return { node, peer, reachable: false, error: message, sessions };
  }
}
