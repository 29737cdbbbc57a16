/** What a connection's lanes have in common: frames out under credit, frames in, an end (rule C2). */
import type { NodeFrame } from '@skein/protocol/channel/frames';
import type { SkeinError } from '@skein/protocol/errors';

export interface LaneContext {
  readonly lane: number;
  /**
   * Sends a frame, at once or, where too much waits already, when it is this lane's turn: then `gone` is called, unless the
   * lane was closed meanwhile. A lane has little waiting at a time: its source waits with it (C2).
   * @returns whether it has gone at once
   */
  send(frame: NodeFrame, gone?: () => void): boolean;
  /** Tells the reader that the lane has ended, behind what it was sent, and forgets it. */
  end(error?: SkeinError): void;
}

export interface Lane {
  start(): void;
  /** The reader has consumed this many bytes. */
  credit(bytes: number): void;
  data?(bytes: Uint8Array): void;
  /** The reader has closed the lane, or is gone. */
  close(): void;
}
