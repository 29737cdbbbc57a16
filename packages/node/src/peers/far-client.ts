/** This node as a client of another: the channel's client over a pipe of the mesh. */
import { Client } from '@skein/protocol/client/client';
import type { Connect } from '@skein/protocol/client/transport';
import { SkeinError } from '@skein/protocol/errors';
import type { Mesh, PeerAddress } from '../mesh/api.ts';

/** Connects within `wait` milliseconds; throws `peer_unreachable`, or what it is refused with. */
export function farClient(mesh: Mesh, to: PeerAddress, version: string, wait: number): Promise<Client> {
  return Client.connect({ connect: over(mesh, to, wait), name: 'skein node', version });
}

function over(mesh: Mesh, to: PeerAddress, wait: number): Connect {
  return async (events) => {
    const pipe = await mesh.open(to, {
      wait,
      events: {
        message: (bytes) => events.message(bytes),
        closed: (error) => events.closed(error === undefined ? undefined : SkeinError.from(error)),
      },
    });
    return {
      send: (message) => pipe.send(message),
      get buffered() {
        return pipe.buffered;
      },
      close: () => pipe.close(),
      pause: () => pipe.pause(),
      resume: () => pipe.resume(),
    };
  };
}
