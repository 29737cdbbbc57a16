/** Bytes both ways over a unix socket, as little as a WebSocket needs of one. Opened in two ways: see the two modules. */

export interface ByteStream {
  write(bytes: Uint8Array): void;
  /** Bytes not yet taken by the system. */
  readonly pending: number;
  pause(): void;
  resume(): void;
  /** Closes after what was written is taken. */
  end(): void;
  /** Closes at once. */
  destroy(error?: Error): void;
}

export interface ByteEvents {
  opened(): void;
  /** The bytes are the receiver's to keep. */
  data(bytes: Uint8Array): void;
  /** Once, and nothing follows; without `opened` before it, it could not be opened. */
  closed(error?: NodeJS.ErrnoException): void;
}

export type OpenStream = (path: string, events: ByteEvents) => ByteStream;
