/**
 * The mesh of a node (rules M1, M5, C2, C4): identity, connections, relays and paths, behind the interface of ./api.ts. It
 * knows nothing of sessions. Loaded by ./load.ts alone, since libp2p comes with it.
 */
import type { Connection } from '@libp2p/interface';
import { SkeinError } from '@skein/protocol/errors';
import { isRelayAddress, parseRelayAddress } from '@skein/protocol/relay/address';
import { isPeerId } from '@skein/protocol/relay/peer-id';
import type { Log } from '../node-log.ts';
import { directAddresses } from './addresses.ts';
import type { Mesh, MeshConfig, OpenOptions, PeerAddress, Pipe, PipeEvents } from './api.ts';
import type { Identity } from './identity.ts';
import { Interfaces } from './interfaces.ts';
import { Core } from './libp2p/libp2p.ts';
import type { Route } from './peers/attempts.ts';
import { Peers } from './peers/peers.ts';
import { Calls } from './relays/calls.ts';
import type { RelayClient } from './relays/client.ts';
import { Relays } from './relays/relays.ts';
import type { Whereabouts } from './tunnels/frames.ts';
import { ADDRESSES_MAX } from './tunnels/limits.ts';

/** Milliseconds for an incoming connection through a relay. */
const INCOMING_MS = 10_000;
/** Of whom nobody here knows, few are heard at a time. */
const UNSERVED =
  'This device is not admitted there, or not any more, and too many such are heard just now (rule M2): try again, or ask for a ticket.';
/** Relays through which one peer is tried. */
const RELAYS_MAX = 8;

interface MeshOptions {
  identity: Identity;
  config: MeshConfig;
  log: Log;
  /** Asked for each incoming pipe: what serves it, or undefined to refuse. The pipe may be used at once. */
  incoming(pipe: Omit<Pipe, 'events'>): PipeEvents | undefined;
  /** False: a connection of this PeerId is refused at once. */
  admit(peer: string): boolean;
  /** Whether this PeerId is no stranger: strangers share what few connections they may have. */
  knows(peer: string): boolean;
  /** A peer that has proved who it is says that it is found there: no more places than are tried, and such as can be. */
  told?(peer: string, places: Whereabouts): void;
}

/** Throws `bad_relay_address`. */
export async function startMesh(options: MeshOptions): Promise<Mesh> {
  const mesh = new RunningMesh(options);
  await mesh.start();
  return mesh;
}

class RunningMesh implements Mesh {
  readonly id: string;
  readonly #options: MeshOptions;
  readonly #relays: Relays;
  readonly #peers: Peers;
  readonly #interfaces: Interfaces;
  /** A relay may name anybody as a caller: each has places of its own, and takes none of those of another. */
  readonly #calls = new WeakMap<RelayClient, Calls>();
  readonly #stopped = new AbortController();
  #core: Core | undefined;
  #told = '';

  constructor(options: MeshOptions) {
    this.id = options.identity.id;
    this.#options = options;
    this.#relays = new Relays(options.identity, {
      incoming: (client, token, from) => void this.#called(client, token, from),
      changed: () => {
        this.#tell();
        this.#peers.settle();
      },
    });
    this.#peers = new Peers({
      admit: options.admit,
      knows: options.knows,
      told: (peer, { addrs, relays }) =>
        options.told?.(peer, {
          addrs: directAddresses(addrs),
          relays: relays.filter(isRelayAddress).slice(0, RELAYS_MAX),
        }),
      here: () => this.addresses(),
      openStream: (connection) => this.#running.openStream(connection),
      routes: (peer, addrs, relays) => this.#routes(peer, addrs, relays),
      await: (peer, relays) => this.#relays.await(peer, this.#clients(relays)),
      viaOf: (connection) => this.#viaOf(connection),
      needed: (needed) => this.#relays.need(needed),
      incoming: (tunnel) =>
        options.incoming(tunnel) ?? new SkeinError('not_allowed', UNSERVED, { rule: 'M2' }),
    });
    this.#interfaces = new Interfaces(() => {
      options.log('info', 'The network addresses of this machine have changed.');
      this.#tell();
      this.#relays.nudge();
      this.#peers.nudge();
    });
  }

  async start(): Promise<void> {
    try {
      this.#core = await Core.start(this.#options.identity, {
        admit: (peer) => this.#peers.admit(peer),
        connected: (connection) => this.#peers.connected(connection),
        stream: (stream, connection) => this.#peers.stream(stream, connection),
        listening: () => this.#tell(),
      });
      await this.configure(this.#options.config);
    } catch (error) {
      await this.stop();
      throw error;
    }
  }

  addresses(): { addrs: string[]; relays: string[] } {
    return { addrs: this.#running.listening.addresses, relays: this.#relays.told().slice(0, ADDRESSES_MAX) };
  }

  async open(to: PeerAddress, options: OpenOptions): Promise<Pipe> {
    this.#stopped.signal.throwIfAborted();
    if (!isPeerId(to.peer))
      throw new SkeinError('bad_peer_id', `This is no PeerId: ${JSON.stringify(to.peer.slice(0, 64))}.`);
    if (to.peer === this.id)
      throw new SkeinError('bad_address', 'That is this node itself.', { peer: to.peer });
    return await this.#peers.open(to, options);
  }

  notListening() {
    return this.#running.listening.errors;
  }

  peers() {
    return this.#peers.statuses();
  }

  relays() {
    return this.#relays.statuses();
  }

  cut(peer: string, reason: string): void {
    this.#options.log('info', 'A peer was cut.', { peer, reason });
    this.#peers.cut(peer, reason);
  }

  async configure(config: MeshConfig): Promise<void> {
    const relays = config.relays.map(parseRelayAddress);
    this.#relays.configure(relays, config.admissions ?? {});
    await this.#running.listening.listen(config.listen);
    for (const error of this.notListening()) this.#options.log('warn', error);
    this.#tell();
    this.#peers.nudge();
  }

  async stop(): Promise<void> {
    if (this.#stopped.signal.aborted) return;
    this.#stopped.abort(new SkeinError('gone', 'The mesh of this node has been stopped.'));
    this.#interfaces.stop();
    this.#peers.stop();
    this.#relays.stop();
    await this.#core?.stop();
  }

  get #running(): Core {
    if (this.#core === undefined) throw new SkeinError('internal', 'The mesh has not been started.');
    return this.#core;
  }

  /** Tells peers where this node can be reached, if that has changed. */
  #tell(): void {
    if (this.#core === undefined) return;
    const here = this.addresses();
    const told = JSON.stringify(here);
    if (told === this.#told) return;
    this.#told = told;
    this.#peers.tell();
  }

  /** Somebody dials this node through a relay; who it is, Noise will show. */
  async #called(client: RelayClient, token: Uint8Array, from: string): Promise<void> {
    const id = client.id;
    const may = id !== undefined && this.#peers.admit(from);
    const calls = this.#calls.get(client) ?? new Calls();
    this.#calls.set(client, calls);
    const done = may ? calls.begin(from, !this.#peers.isStranger(from)) : undefined;
    if (id === undefined || done === undefined) return client.decline(token);
    try {
      const signal = AbortSignal.any([this.#stopped.signal, AbortSignal.timeout(INCOMING_MS)]);
      const wire = await client.wire(token, signal);
      await this.#running.upgrade(wire, { relay: client.address, id, peer: from }, 'inbound', signal);
    } catch (error) {
      this.#options.log('info', 'A connection through a relay did not come about.', {
        relay: client.address.url,
        why: error instanceof Error ? error.message : String(error),
      });
    } finally {
      done();
    }
  }

  #routes(peer: string, addrs: readonly string[], relays: readonly string[]): Route[] {
    const core = this.#running;
    const direct = directAddresses(addrs).map(
      (key): Route => ({
        key,
        kind: 'direct',
        lacks: () => undefined,
        go: (signal, onProgress) => core.dial(key, peer, signal, onProgress),
      }),
    );
    const relayed = this.#clients(relays).map(
      (client): Route => ({
        key: client.address.url,
        kind: 'relayed',
        lacks: () => (client.registered ? undefined : client.lacks),
        refused: (since) => client.refused(since),
        go: async (signal, onProgress) => {
          const wire = await client.dial(peer, signal, onProgress);
          const through = { relay: client.address, id: client.id ?? '', peer };
          await core.upgrade(wire, through, 'outbound', signal);
        },
      }),
    );
    return [...direct, ...relayed];
  }

  #clients(relays: readonly string[]): RelayClient[] {
    const tried = [...new Set(relays)].slice(0, RELAYS_MAX);
    return [...new Set(tried.flatMap((text) => this.#relays.client(text) ?? []))];
  }

  #viaOf(connection: Connection): { kind: 'direct' | 'relayed'; via: string | undefined } {
    const parts = connection.remoteAddr.getComponents();
    const circuit = parts.findIndex((part) => part.name === 'p2p-circuit');
    if (circuit < 0) return { kind: 'direct', via: undefined };
    const relay = parts[circuit - 1]?.value ?? '';
    return { kind: 'relayed', via: this.#relays.urlOf(relay) };
  }
}
