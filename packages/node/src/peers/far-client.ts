/** This node as a client of another: the channel's client over a pipe of the mesh. */
import { Client } from '@skein/protocol/client/client';
import type { ClientOptions } from '@skein/protocol/client/options';
import type { Connect } from '@skein/protocol/client/transport';
import { SkeinError } from '@skein/protocol/errors';
import type { Mesh, PeerAddress } from '../mesh/api.ts';

/** Paths that may end while somebody connects over them: relayed, direct, and whatever happens then. */
const CONNECTS = 4;

interface FarVisit {
  mesh: Mesh;
  to: PeerAddress;
  version: string;
  /** Milliseconds for a path, and after that for all that is asked. */
  wait: number;
  /** Whether to wait for no path when every relay has refused this node. */
  unlessRefused?: boolean;
}

/**
 * Connects, does something, and leaves, whatever the far end does meanwhile: one that is there but never answers holds
 * nobody up. Throws `peer_unreachable`, `peer_lost`, `timeout`, or what it is refused with.
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
    // A better path that comes up meanwhile ends this one (M5): what is under way is said again there, and done once (K2).
    const options = { name: 'skein node', version: visit.version, retryFor: visit.wait };
    client = await connected({ connect, ...options });
    return work(client);
  };
  try {
    return await Promise.race([done(), late]);
  } catch (thrown) {
    const error = SkeinError.from(thrown);
    // The channel's words for that are about this user's own node.
    if (error.code !== 'node_unreachable') throw error;
    throw new SkeinError('peer_lost', 'That node hung up before it had answered. Try again.');
  } finally {
    clearTimeout(limit);
    client?.close();
    over.abort();
  }
}

/** A way to another node, over whichever path there is, until `over`. */
export function connectorOf(
  { mesh, to, wait, unlessRefused = false }: Pick<FarVisit, 'mesh' | 'to' | 'wait' | 'unlessRefused'>,
  over: AbortSignal,
): Connect {
  return async (events) => {
    const pipe = await mesh.open(to, {
      wait,
      unlessRefused,
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

/** Connects; once more each time that the path ends before the far end has said who it is. */
async function connected(options: ClientOptions): Promise<Client> {
  for (let tries = CONNECTS; ; tries--) {
    try {
      return await Client.connect(options);
    } catch (thrown) {
      if (tries <= 1 || SkeinError.from(thrown).code !== 'node_unreachable') throw thrown;
    }
  }
}
