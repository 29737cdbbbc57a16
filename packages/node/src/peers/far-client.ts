/** This node as a client of another: the channel's client over a pipe of the mesh. */
import { Client } from '@skein/protocol/client/client';
import type { Connect } from '@skein/protocol/client/transport';
import { SkeinError } from '@skein/protocol/errors';
import type { Mesh, PeerAddress } from '../mesh/api.ts';

export interface FarVisit {
  mesh: Mesh;
  to: PeerAddress;
  version: string;
  /** Milliseconds for a path, and after that for all that is asked. */
  wait: number;
}

/**
 * Connects, does something, and leaves, whatever the far end does meanwhile: one that is there but never answers holds
 * nobody up. Throws `peer_unreachable`, `timeout`, or what it is refused with.
 */
export async function visitFar<T>(visit: FarVisit, work: (client: Client) => Promise<T>): Promise<T> {
  const over = new AbortController();
  let limit: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    const error = new SkeinError('timeout', 'That node did not answer in time.');
    limit = setTimeout(() => reject(error), 2 * visit.wait);
  });
  let client: Client | undefined;
  const done = async () => {
    const connect = connectorOf(visit, over.signal);
    client = await Client.connect({ connect, name: 'skein node', version: visit.version });
    return work(client);
  };
  try {
    return await Promise.race([done(), late]);
  } finally {
    clearTimeout(limit);
    client?.close();
    over.abort();
  }
}

function connectorOf({ mesh, to, wait }: FarVisit, over: AbortSignal): Connect {
  return async (events) => {
    const pipe = await mesh.open(to, {
      wait,
      signal: over,
      events: {
        message: (bytes) => events.message(bytes),
        closed: (error) => events.closed(error === undefined ? undefined : SkeinError.from(error)),
      },
    });
    over.addEventListener('abort', () => pipe.close(), { once: true });
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
