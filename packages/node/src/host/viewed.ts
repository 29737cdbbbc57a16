/** What a viewer and its run are to each other: what it needs of the run, and what it was opened with. */
import type { NearTerminalPlace } from '@skein/protocol/host/frames';
import type { Found } from './journal-files.ts';
import type { Viewer } from './viewer.ts';

/** What a viewer needs of its run. */
export interface Viewed {
  readonly head: number;
  readonly ended: boolean;
  readonly size: { cols: number; rows: number };
  read(offset: number, max: number): Found;
  /** The present screen, to paint; `along` with others, if it is just being taken for one. */
  paint(along: boolean): Promise<{ offset: number; cols: number; rows: number; data: Uint8Array }>;
  renderFor(viewer: Viewer, on: boolean): void;
  frameConsumed(viewer: Viewer): void;
  input(viewer: Viewer, offset: number, bytes: Uint8Array): void;
  /** What was typed at a terminal that the host itself reads; `taken` when the program has it. */
  pressed(viewer: Viewer, bytes: Uint8Array, taken: () => void): void;
  resized(viewer: Viewer): void;
  /** Output before this is durable elsewhere. */
  kept(offset: number): void;
  /** There is no more input than up to this. Throws `bad_request` where the input has no end, or has not all come. */
  endInput(viewer: Viewer, offset: number): void;
  consumed(viewer: Viewer): void;
  /** From this offset on it is sent the program's own bytes, or (if it is not `raw` any more) is not: its terminal answers queries in them (H7). */
  shown(viewer: Viewer, from: number): void;
  left(viewer: Viewer): void;
}

export interface ViewerOptions {
  id: string;
  attachment: string;
  /** Whose viewer it is, in the node's words. */
  who: string;
  role: 'read' | 'write';
  view: 'screen' | 'bytes';
  from: number;
  /** The first byte of output that it may be given. */
  floor: number;
  follow: boolean;
  /** Bytes that may be under way to it. */
  window: number;
  cols: number;
  rows: number;
  /** Its terminal, where the host may serve that itself. */
  terminal: NearTerminalPlace | undefined;
}
