/** What a peer needs of the mesh around it. */

import type { Connection } from '@libp2p/interface';
import type { SkeinError } from '@skein/protocol/errors';
import type { PipeEvents } from '../api.ts';
import type { Whereabouts } from '../tunnels/frames.ts';
import type { Tunnel } from '../tunnels/tunnel.ts';
import type { ByteStream } from '../tunnels/tunnels.ts';
import type { Route } from './attempts.ts';

export interface PeerContext {
  /** Where this node can be reached. */
  here(): Whereabouts;
  openStream(connection: Connection): Promise<ByteStream>;
  /** Every way to a peer at these addresses. */
  routes(peer: string, addrs: readonly string[], relays: readonly string[]): Route[];
  /** These relays are waited for; none, when nobody waits. */
  await(peer: string, relays: readonly string[]): void;
  incoming(tunnel: Tunnel): PipeEvents | SkeinError;
  /** Whether it is known to the node, beyond what the mesh itself has seen. */
  knows(peer: string): boolean;
  /** It says that it is found there. */
  told(peer: string, whereabouts: Whereabouts): void;
  /** What it has, or lacks, may have changed. */
  settled(): void;
}
