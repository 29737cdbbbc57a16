/** What a connection's lanes have in common: frames out under credit, frames in, an end (rule C2). */
import type { NodeFrame } from '@skein/protocol/channel/frames';
import type { SkeinError } from '@skein/protocol/errors';

export interface LaneContext {
  readonly lane: number;
  send(frame: NodeFrame): void;
  /** Tells the reader that the lane has ended, and forgets it. */
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
