/** Every other node that is connected or wanted (rule M5), and the limits on those that nobody knows (C5). */
import type { Connection } from '@libp2p/interface';
import { SkeinError } from '@skein/protocol/errors';
import type { OpenOptions, PeerAddress, PeerStatus, Pipe } from '../api.ts';
import type { ByteStream } from '../tunnels/tunnels.ts';
import type { PeerContext } from './context.ts';
import { abortConnection } from './held.ts';
import { Peer } from './peer.ts';

/** Connections that one peer may have come in with: one way each, twice while they move, and tries that overlap. */
const PER_PEER = 8;
/** Connections of strangers: those that nobody wanted, and that the node does not know. */
const STRANGERS_MAX = 128;
/** Connections in all that may have come in. */
const INCOMING_MAX = 256;
/** Milliseconds for which this node lets itself be found in a hurry, after somebody's tunnels broke off. */
const LOOKED_FOR_MS = 60_000;
/** Milliseconds between sweeps. */
const SWEEP_MS = 1_000;

interface PeersContext extends Omit<PeerContext, 'settled'> {
  /** False for a peer that is blocked. */
  admit(peer: string): boolean;
  /** How a connection came: its relay's URL, unless it is direct. */
  viaOf(connection: Connection): { kind: 'direct' | 'relayed'; via: string | undefined };
  /** Whether somebody may be looking for this node. */
  needed(needed: boolean): void;
}

export class Peers {
  readonly #context: PeersContext;
  readonly #peers = new Map<string, Peer>();
  readonly #sweep: NodeJS.Timeout;

  constructor(context: PeersContext) {
    this.#context = context;
    this.#sweep = setInterval(() => this.#onSweep(), SWEEP_MS);
  }

  /** Whether a peer that has proved who it is may stay connected. */
  admit(id: string): boolean {
    if (!this.#context.admit(id)) return false;
    const known = this.#peers.get(id);
    if ((known?.connections ?? 0) >= PER_PEER) return false;
    const all = [...this.#peers.values()];
    const count = (peers: Peer[]) => peers.reduce((sum, peer) => sum + peer.connections, 0);
    if (count(all) >= INCOMING_MAX) return false;
    if (!this.isStranger(id)) return true;
    return count(all.filter((peer) => peer.stranger)) < STRANGERS_MAX;
  }

  isStranger(id: string): boolean {
    return this.#peers.get(id)?.stranger ?? !this.#context.knows(id);
  }

  connected(connection: Connection): void {
    // Its far end may be gone again, and nothing more would ever be heard of it.
    if (connection.status !== 'open') return abortConnection(connection, new Error('closed while it opened'));
    const { kind, via } = this.#context.viaOf(connection);
    this.#peer(connection.remotePeer.toString()).connected(connection, kind, via);
  }

  stream(stream: ByteStream, connection: Connection): void {
    const id = connection.remotePeer.toString();
    const peer = this.#context.admit(id) ? this.#peers.get(id) : undefined;
    if (peer === undefined) stream.abort(new Error('not admitted'));
    else peer.stream(stream, connection);
  }

  async open(to: PeerAddress, options: OpenOptions): Promise<Pipe> {
    if (!this.#context.admit(to.peer))
      throw new SkeinError('not_allowed', `${to.peer} is blocked on this node.`, { peer: to.peer });
    return await this.#peer(to.peer).open(to, options);
  }

  statuses(): PeerStatus[] {
    return [...this.#peers.values()].map((peer) => peer.status());
  }

  cut(id: string, reason: string): void {
    this.#peers.get(id)?.cut(new SkeinError('peer_cut', reason));
  }

  /** A relay came or went. */
  settle(): void {
    for (const peer of this.#peers.values()) peer.settle();
  }

  /** This node can be reached elsewhere than before. */
  tell(): void {
    for (const peer of this.#peers.values()) peer.tell(true);
  }

  /** The network changed. */
  nudge(): void {
    for (const peer of this.#peers.values()) peer.nudge();
  }

  stop(): void {
    clearInterval(this.#sweep);
    const error = new SkeinError('peer_lost', 'The mesh of this node has been stopped.');
    for (const peer of this.#peers.values()) peer.stop(error);
    this.#peers.clear();
  }

  #peer(id: string): Peer {
    let peer = this.#peers.get(id);
    if (peer === undefined) {
      peer = new Peer(id, { ...this.#context, settled: () => this.#settled() });
      this.#peers.set(id, peer);
    }
    return peer;
  }

  /** Tells the relays whether somebody may be looking for this node. */
  #settled(): void {
    const now = performance.now();
    const all = [...this.#peers.values()];
    this.#context.needed(all.some((peer) => peer.suspect || now - peer.brokeAt < LOOKED_FOR_MS));
  }

  #onSweep(): void {
    const now = performance.now();
    for (const [id, peer] of this.#peers) {
      peer.sweep(now);
      if (!peer.forgettable || now - peer.brokeAt < LOOKED_FOR_MS) continue;
      peer.stop(new SkeinError('gone', 'Nothing was sent for a while.'));
      this.#peers.delete(id);
    }
    this.#settled();
  }
}
