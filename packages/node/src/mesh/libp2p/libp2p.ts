/** The libp2p node of the mesh (rule M1): TCP, Noise, Yamux and the relays' wires, and nothing else of libp2p. */

import { privateKeyFromRaw } from '@libp2p/crypto/keys';
import type { Connection, Transport } from '@libp2p/interface';
import { noise } from '@libp2p/noise';
import { tcp } from '@libp2p/tcp';
import type { Multiaddr } from '@multiformats/multiaddr';
import type { RelayAddress } from '@skein/protocol/relay/address';
import { createLibp2p, type Libp2p, type Libp2pOptions } from 'libp2p';
import { listenAddress, relayedAddress } from '../addresses.ts';
import { lookupHost } from '../host-names.ts';
import type { Identity } from '../identity.ts';
import type { Wire } from '../relays/wires.ts';
import { PEER_PROTOCOL } from '../tunnels/limits.ts';
import type { ByteStream } from '../tunnels/tunnels.ts';
import { openLazily } from './lazy-stream.ts';
import { Listening } from './listening.ts';
import { Newcomers } from './newcomers.ts';
import { noiseCrypto } from './noise-crypto.ts';
import { peerStream } from './peer-stream.ts';
import { quietLogger } from './quiet-logger.ts';
import { SpliceConnection } from './splice-connection.ts';
import { steadyYamux } from './steady-yamux.ts';

/** Connections in all. Those who are wanted need two for a moment when they move. */
const CONNECTIONS_MAX = 512;
/** Connections that are still proving who they are, and the milliseconds they have for it. */
const PENDING_MAX = 256;
const UPGRADE_MS = 10_000;
/** Connections a second from one address; everybody behind one relay or proxy counts as one. */
const PER_SECOND = 100;
/** Streams in a connection: one each way, and as many again while one follows another. */
const STREAMS_MAX = 8;

/** For the sockets that dial, as they are. */
const DIALS = { noDelay: true, lookup: lookupHost };

const YAMUX = {
  maxInboundStreams: STREAMS_MAX,
  maxOutboundStreams: STREAMS_MAX,
  // A window that outgrows the read buffer would reset a stream; ours are read at once, and held back by their tunnels.
  streamOptions: { maxStreamWindowSize: 1 << 20, maxReadBufferLength: 4 << 20 },
};

type Components = Parameters<NonNullable<Libp2pOptions['transports']>[number]>[0];

interface CoreEvents {
  /** Whether somebody who has proved to be this peer may stay; asked of incoming connections alone. */
  admit(peer: string): boolean;
  connected(connection: Connection): void;
  stream(stream: ByteStream, connection: Connection): void;
  /** It listens at a place more. */
  listening?(): void;
}

interface Through {
  relay: RelayAddress;
  /** The relay's PeerId. */
  id: string;
  peer: string;
}

export class Core {
  readonly #node: Libp2p;
  readonly #components: Components;
  readonly listening: Listening;

  private constructor(node: Libp2p, components: Components, listening: Listening) {
    this.#node = node;
    this.#components = components;
    this.listening = listening;
  }

  static async start(identity: Identity, events: CoreEvents): Promise<Core> {
    let parts: { components: Components; transport: Transport } | undefined;
    const newcomers = new Newcomers();
    const node = await createLibp2p({
      privateKey: privateKeyFromRaw(Buffer.concat([identity.seed(), identity.publicKey])),
      addresses: { listen: [] },
      transports: [
        (components) => {
          const transport = tcp({ dialOpts: DIALS })(components);
          parts = { components, transport };
          return transport;
        },
      ],
      connectionEncrypters: [noise({ crypto: noiseCrypto })],
      streamMuxers: [steadyYamux(YAMUX)],
      connectionManager: {
        maxConnections: CONNECTIONS_MAX,
        maxIncomingPendingConnections: PENDING_MAX,
        inboundConnectionThreshold: PER_SECOND,
        inboundUpgradeTimeout: UPGRADE_MS,
      },
      // A link has pings of its own.
      connectionMonitor: { enabled: false },
      connectionGater: {
        denyInboundConnection: (connection) => !newcomers.came(connection),
        denyInboundEncryptedConnection: (peer) => !events.admit(peer.toString()),
        denyInboundUpgradedConnection: (_, connection) => {
          newcomers.proved(connection);
          return false;
        },
      },
      logger: quietLogger,
    });
    if (parts === undefined) throw new Error('libp2p has made no transport');
    node.addEventListener('connection:open', (event) => events.connected(event.detail));
    // What libp2p notes of everybody who ever came is of no use here, and would grow with every stranger.
    node.addEventListener('peer:disconnect', (event) => {
      node.peerStore.delete(event.detail).catch(() => {});
    });
    await node.handle(PEER_PROTOCOL, (stream, connection) => events.stream(peerStream(stream), connection), {
      maxInboundStreams: STREAMS_MAX,
      maxOutboundStreams: STREAMS_MAX,
    });
    const { components, transport } = parts;
    const listening = new Listening({
      newListener: () => transport.createListener({ upgrader: components.upgrader }),
      changed: () => events.listening?.(),
    });
    return new Core(node, components, listening);
  }

  /**
   * A direct connection. Throws when it fails, or another peer is there. `onProgress` is called when the far end has
   * answered, so that a path that is slow is told from one that is dead.
   */
  async dial(address: string, peer: string, signal: AbortSignal, onProgress: () => void): Promise<void> {
    const whole = listenAddress(address).encapsulate(`/p2p/${peer}`);
    // libp2p gives the signal to the socket, which dies of it even when it has long been connected. So the socket gets one
    // that is only aborted when, a turn of the loop later, there is still no connection.
    const untilConnected = new AbortController();
    let connected = false;
    const abort = () =>
      setImmediate(() => {
        if (!connected) untilConnected.abort();
      });
    signal.addEventListener('abort', abort);
    try {
      await this.#components.transportManager.dial(whole, {
        signal: untilConnected.signal,
        onProgress: (event) => {
          if (event.type.startsWith('upgrader:')) onProgress();
        },
      });
      connected = true;
    } finally {
      signal.removeEventListener('abort', abort);
    }
  }

  /** A connection over a relay's wire, to or from the peer. Throws when another is at its far end. */
  async upgrade(
    wire: Wire,
    through: Through,
    direction: 'inbound' | 'outbound',
    signal: AbortSignal,
  ): Promise<void> {
    const { upgrader, logger } = this.#components;
    const remoteAddr: Multiaddr = relayedAddress(through.relay, through.id, through.peer);
    const log = logger.forComponent('skein:relay');
    const connection = new SpliceConnection({ wire, remoteAddr, direction, log });
    try {
      if (direction === 'outbound') await upgrader.upgradeOutbound(connection, { signal });
      else await upgrader.upgradeInbound(connection, { signal });
    } catch (error) {
      connection.abort(error instanceof Error ? error : new Error(String(error)));
      throw error;
    }
  }

  /** The stream of a connection that this end opens tunnels on. */
  async openStream(connection: Connection): Promise<ByteStream> {
    const { stream, consent } = await openLazily(connection, PEER_PROTOCOL);
    return peerStream(stream, consent);
  }

  async stop(): Promise<void> {
    await this.listening.listen([]);
    await this.#node.stop();
  }
}
