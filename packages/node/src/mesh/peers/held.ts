/** A connection to a peer, and what runs on it: this end's stream of tunnels, and the far end's. */
import type { Connection } from '@libp2p/interface';
import type { TunnelLink } from '../tunnels/tunnels.ts';

/** Milliseconds that a far end may take to read the last words. */
const CLOSE_MS = 500;

export interface Held {
  readonly connection: Connection;
  readonly kind: 'direct' | 'relayed';
  /** The relay's URL. */
  readonly via: string | undefined;
  /** Milliseconds since 1970. */
  readonly since: number;
  /** performance.now() when it came; and then, or when the last stream on it ended. */
  readonly came: number;
  unusedSince: number;
  /** The stream on which this end opens tunnels. */
  out: TunnelLink | undefined;
  /** The streams on which the far end does. */
  readonly in: Set<TunnelLink>;
}

/** A connection that has just come. */
export function newHeld(connection: Connection, kind: Held['kind'], via: string | undefined): Held {
  const came = performance.now();
  return { connection, kind, via, since: Date.now(), came, unusedSince: came, out: undefined, in: new Set() };
}

export function linksOf(held: Held): TunnelLink[] {
  return [...(held.out === undefined ? [] : [held.out]), ...held.in];
}

/** Closes a connection at once. libp2p's own abort throws, half done, when what it would say last cannot be sent any more. */
export function abortConnection(connection: Connection, error: Error): void {
  for (let turn = 0; turn < 2; turn++) {
    try {
      return connection.abort(error);
    } catch {
      // The second time only what is left is done.
    }
  }
}

/** Closes a connection after what was sent, if that goes quickly. */
export function closeConnection(connection: Connection): void {
  connection
    .close({ signal: AbortSignal.timeout(CLOSE_MS) })
    .catch(() => abortConnection(connection, new Error('it did not close in time')));
}
