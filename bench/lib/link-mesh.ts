/** A link of ours: a tunnel of the mesh, direct or through a relay. */

import type { PeerAddress } from '@skein/node/mesh/api';
import { openIdentity } from '@skein/node/mesh/identity';
import { startMesh } from '@skein/node/mesh/mesh';
import { type LinkChannel, type LinkEnd, Sink } from './link-end.ts';

/** Bytes that a sender keeps under way. */
const AHEAD = 1 << 20;

/** With a relay it is registered there and listens nowhere; without, it listens on loopback. */
export async function openMeshEnd(home: string, relay: string | undefined): Promise<LinkEnd> {
  const identity = openIdentity(home);
  const mesh = await startMesh({
    identity,
    config: {
      listen: relay === undefined ? ['127.0.0.1:0'] : [],
      relays: relay === undefined ? [] : [relay],
    },
    log: () => {},
    admit: () => true,
    knows: () => true,
    incoming: (pipe) => {
      const sink = new Sink();
      return { message: (bytes) => sink.take(bytes, (answer) => pipe.send(answer)), closed() {} };
    },
  });
  while (mesh.relays().some(({ state }) => state !== 'registered'))
    await new Promise((resolve) => setTimeout(resolve, 20));
  return {
    address: JSON.stringify({ peer: mesh.id, ...mesh.addresses() }),
    connect: async (to) => {
      let room: (() => void) | undefined;
      const go = () => {
        if (pipe.buffered >= AHEAD) return;
        room?.();
        room = undefined;
      };
      const channel: LinkChannel = {
        onData() {},
        write(bytes) {
          pipe.send(bytes, go);
          if (pipe.buffered < AHEAD) return undefined;
          return new Promise<void>((resolve) => {
            room = resolve;
          });
        },
      };
      const events = { message: (bytes: Uint8Array) => channel.onData(bytes), drain: go, closed() {} };
      const pipe = await mesh.open(JSON.parse(to) as PeerAddress, { wait: 10_000, events });
      return channel;
    },
  };
}
