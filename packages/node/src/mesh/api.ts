/** What the mesh is to the rest of the node: pipes of messages to authenticated peers, over whichever path there is. */
import type { ErrorCode } from '@skein/protocol/errors';

export interface MeshConfig {
  /** Where to listen: multiaddrs or host:port; by default 127.0.0.1:0, and never further than is asked for. */
  listen: string[];
  /** Relays to register with: `wss://relay.example.org`, pinned by `#<PeerId>` where that is known. */
  relays: string[];
  /** Admission tokens of relays that ask for one, by the relay's URL without pin. */
  admissions?: Record<string, string>;
}

/** Where a peer may be found: its PeerId, multiaddrs without PeerId, and relays, pinned. */
export interface PeerAddress {
  peer: string;
  addrs: string[];
  relays: string[];
}

/** One message pipe; satisfies what the gateway needs of a connection. */
export interface Pipe {
  /** The authenticated PeerId of the far end. */
  readonly peer: string;
  /** Bytes sent and not yet taken by the far end's consumer; a message counts for 256 at least. */
  readonly buffered: number;
  /**
   * Sends a message of at most MAX_FRAME bytes; `sent` is called when it has left for the far end. Whoever sends on
   * while `buffered` is above 1 MiB wastes memory, and past 8 MiB the pipe is closed.
   */
  send(message: Uint8Array, sent?: () => void): void;
  /** Stops giving messages (and credit) to this end. */
  pause(): void;
  resume(): void;
  /** Sends what was handed over, for two seconds at most, then closes. The far end is told the reason, if there is one. */
  close(reason?: string): void;
  events: PipeEvents;
}

export interface PipeEvents {
  /** The bytes are the consumer's to keep. */
  message(bytes: Uint8Array): void;
  /** `buffered` has fallen to half a MiB, having been above. */
  drain?(): void;
  /**
   * Once, whoever closed it. Without error: closed by one of the ends. `moved`: a better path is there, open anew at once;
   * `peer_lost`: the path is gone; `peer_closed`, `not_allowed`, …: why the far end closed it; `peer_cut`: this end cut it.
   */
  closed(error?: Error): void;
}

export interface PeerStatus {
  peer: string;
  path: 'direct' | 'relayed' | 'none';
  /** The relay's URL. */
  via?: string;
  /** Milliseconds. */
  rtt?: number;
  /** When this path came up, in milliseconds since 1970. */
  since?: number;
  bytesIn: number;
  bytesOut: number;
  tunnels: number;
  /** Whether this node keeps a path to it. */
  wanted: boolean;
  error?: string;
}

export interface RelayStatus {
  url: string;
  /** Its PeerId, once known. */
  relay?: string;
  state: 'registered' | 'connecting' | 'refused';
  error?: string;
  /** What kind of error that is. */
  code?: ErrorCode;
  /** Milliseconds. */
  rtt?: number;
}

export interface OpenOptions {
  /** Milliseconds to wait for a path. */
  wait: number;
  /** Not any longer than until each relay has refused this node, and each direct way has failed. */
  unlessRefused?: boolean;
  signal?: AbortSignal;
  events: PipeEvents;
}

export interface Mesh {
  /** Own PeerId. */
  readonly id: string;
  /** Where others find this node: what goes into a ticket. Relays are pinned with #id once they are known. */
  addresses(): { addrs: string[]; relays: string[] };
  /** A pipe to a peer over whichever path. Throws `peer_unreachable`, saying why for each path. */
  open(to: PeerAddress, options: OpenOptions): Promise<Pipe>;
  peers(): PeerStatus[];
  relays(): RelayStatus[];
  /** Why it does not listen, a sentence for each place that could not be had: it is tried again, and the rest goes on. */
  notListening(): string[];
  /** Cuts every connection and tunnel of a peer now, and forgets that it was wanted. */
  cut(peer: string, reason: string): void;
  /** Changes relays and listening while it runs. Throws `bad_relay_address`, and then changes nothing. */
  configure(config: MeshConfig): Promise<void>;
  stop(): Promise<void>;
}
