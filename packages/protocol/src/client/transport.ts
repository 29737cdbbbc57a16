/** What the client needs of a connection: whole messages both ways. Local sockets, libp2p streams and browsers each give one. */

export interface Transport {
  /** Queues one message. */
  send(message: Uint8Array): void;
  /** Bytes queued and not yet handed to the system. */
  readonly buffered: number;
  /** Ends the connection; `closed` follows. */
  close(): void;
  /** Stops and restarts the reading of messages, so that a slow reader is felt at the source. */
  pause(): void;
  resume(): void;
}

/** What a transport tells. Set before the first message can arrive. */
export interface TransportEvents {
  message(bytes: Uint8Array): void;
  /** Once; nothing follows. */
  closed(error?: Error): void;
}

/** Opens a connection, or throws a SkeinError `node_unreachable`. */
export type Connect = (events: TransportEvents) => Promise<Transport>;
