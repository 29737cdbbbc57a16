/** What a channel needs of whatever carries it: whole messages both ways, and to be felt at the other end when it is slow. */

export interface Pipe {
  /** Bytes sent and not yet taken by the other end. */
  readonly buffered: number;
  /** Queues one message; `sent` is called once it has left, where the carrier can tell. */
  send(message: Uint8Array, sent?: () => void): void;
  /** Stops and restarts the giving of messages, so that a slow end is felt at the source (C2). */
  pause(): void;
  resume(): void;
  /** Ends it once what was sent is on its way; `closed` follows. */
  close(reason?: string): void;
  /** Ends it at once, for an end that does not answer. */
  terminate?(): void;
}

/** What a pipe tells. */
export interface PipeEvents {
  message(bytes: Uint8Array): void;
  /** What was sent has left. */
  drain?(): void;
  /** Once; nothing follows. */
  closed(error?: Error): void;
}
