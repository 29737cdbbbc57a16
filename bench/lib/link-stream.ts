/** The peers' links: a bare libp2p stream over TCP, and one through circuit-relay-v2 with its limits lifted. */
import { circuitRelayServer, circuitRelayTransport } from '@libp2p/circuit-relay-v2';
import { identify } from '@libp2p/identify';
import type { Stream } from '@libp2p/interface';
import { noise } from '@libp2p/noise';
import { tcp } from '@libp2p/tcp';
import { yamux } from '@libp2p/yamux';
import { multiaddr } from '@multiformats/multiaddr';
import { createLibp2p } from 'libp2p';
import { type LinkChannel, type LinkEnd, Sink } from './link-end.ts';

const PROTOCOL = '/skein/bench/1';
/** Bytes that may wait in a stream. */
const WAITING = 128 * 1024;

const common = () => ({
  connectionEncrypters: [noise()],
  // The same windows as ours, without which a paused stream is reset.
  streamMuxers: [yamux({ streamOptions: { maxStreamWindowSize: 1 << 20, maxReadBufferLength: 4 << 20 } })],
  connectionMonitor: { enabled: false },
  services: { identify: identify() },
});

/** Listens on loopback, or with a relay's address behind that. */
export async function openStreamEnd(relay: string | undefined): Promise<LinkEnd> {
  const node = await createLibp2p({
    ...common(),
    transports: [tcp(), circuitRelayTransport()],
    addresses: { listen: [relay === undefined ? '/ip4/127.0.0.1/tcp/0' : `${relay}/p2p-circuit`] },
  });
  await node.handle(
    PROTOCOL,
    (stream) => {
      const sink = new Sink();
      stream.addEventListener('message', (event) => {
        sink.take(event.data.subarray(), (answer) => stream.send(answer));
      });
    },
    { runOnLimitedConnection: true },
  );
  while (node.getMultiaddrs().length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
  return {
    address: node.getMultiaddrs()[0]?.toString() ?? '',
    connect: async (to) => {
      const stream = await node.dialProtocol(multiaddr(to), PROTOCOL, { runOnLimitedConnection: true });
      return channelOf(stream);
    },
  };
}

function channelOf(stream: Stream): LinkChannel {
  const channel: LinkChannel = {
    onData() {},
    write(bytes) {
      stream.send(bytes);
      if (hasRoom(stream)) return undefined;
      return new Promise<void>((resolve) => {
        // Its own onDrain answers too soon.
        const look = () =>
          queueMicrotask(() => {
            if (!hasRoom(stream)) return;
            stream.removeEventListener('drain', look);
            stream.removeEventListener('idle', look);
            resolve();
          });
        stream.addEventListener('drain', look);
        stream.addEventListener('idle', look);
      });
    },
  };
  stream.addEventListener('message', (event) => channel.onData(event.data.subarray()));
  return channel;
}

function hasRoom(stream: Stream): boolean {
  return !stream.writableNeedsDrain && stream.writeBufferLength < WAITING;
}

/** libp2p's own relay, with nothing held back. Its address. */
export async function startCircuitRelay(): Promise<string> {
  const node = await createLibp2p({
    ...common(),
    transports: [tcp()],
    addresses: { listen: ['/ip4/127.0.0.1/tcp/0'] },
    services: {
      identify: identify(),
      relay: circuitRelayServer({ reservations: { maxReservations: 1_000, applyDefaultLimit: false } }),
    },
  });
  return node.getMultiaddrs()[0]?.toString() ?? '';
}
