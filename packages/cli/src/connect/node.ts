/** A connection to this user's node, which is started when it is needed and not there. */
import { nodeSocket, openHome } from '@skein/node/home';
import { Client } from '@skein/protocol/client/client';
import { SkeinError } from '@skein/protocol/errors';
import { VERSION } from '../version.ts';
import { webSocket } from './websocket.ts';

export interface ConnectOptions {
  /** Milliseconds to go on trying when the connection is lost; none by default. */
  retryFor?: number;
  onConnection?: (state: 'lost' | 'back') => void;
}

/** Connects, after starting the node if there is none. */
export async function connectNode(home: string, options: ConnectOptions = {}): Promise<Client> {
  openHome(home);
  try {
    return await connectRunning(home, options);
  } catch (error) {
    if (!isAbsent(error)) throw error;
  }
  const { startNode } = await import('./start.ts');
  return startNode(home, () => connectRunning(home, options));
}

/** Connects to a node that runs; throws `node_unreachable` when none does. */
export function connectRunning(home: string, options: ConnectOptions = {}): Promise<Client> {
  return Client.connect({
    connect: webSocket(nodeSocket(home)),
    name: 'skein',
    version: VERSION,
    ...options,
  });
}

/** Whether nobody listens: there is no socket, or it is what a dead node left. */
export function isAbsent(error: unknown): boolean {
  if (!(error instanceof SkeinError) || error.code !== 'node_unreachable') return false;
  const cause = error.data?.cause;
  // A node that goes down hangs up before its socket is gone; then there is no cause, or only that.
  return (
    cause === undefined || ['ENOENT', 'ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'closed'].includes(String(cause))
  );
}
