/** What a viewer and its run are to each other: what it needs of the run, and what it was opened with. */
import type { NearTerminalPlace } from '@skein/protocol/host/frames';
import { NORMAL_SCREEN } from '../terminal/reset.ts';
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

/** What a viewer was opened with and goes by; only its size changes. */
export class Opened {
  readonly id: string;
  readonly attachment: string;
  readonly who: string;
  readonly role: 'read' | 'write';
  /** Whether it may not see what had left the screen before it came, and so not bring it back by its size (M3). */
  readonly veiled: boolean;
  readonly view: 'screen' | 'bytes';
  /** Bytes that may be under way to it. */
  readonly window: number;
  protected readonly from: number;
  protected readonly follow: boolean;
  cols: number;
  rows: number;
  /** Rows of its terminal when it was painted. */
  #painted: number;
  #torn = false;

  constructor(options: ViewerOptions) {
    this.id = options.id;
    this.attachment = options.attachment;
    this.who = options.who;
    this.role = options.role;
    this.veiled = options.floor > 0;
    this.view = options.view;
    this.window = options.window;
    this.from = options.from;
    this.follow = options.follow;
    this.cols = options.cols;
    this.rows = this.#painted = options.rows;
  }

  /** Its terminal had another size when it was painted: each joins and moves lines in a way of its own, and has others above. */
  protected get torn(): boolean {
    return this.#torn;
  }

  protected sized({ cols, rows }: { cols: number; rows: number }): void {
    this.#torn ||= this.cols !== cols || this.rows !== rows;
    this.cols = cols;
    this.rows = rows;
  }

  /** What to paint its terminal with. What that may have brought back from above as it grew is the user's own: that goes there again. */
  protected painting(data: Uint8Array): Uint8Array {
    const grown = this.#torn ? Math.max(this.rows - this.#painted, 0) : 0;
    this.#torn = false;
    this.#painted = this.rows;
    if (grown === 0) return data;
    return Buffer.concat([Buffer.from(`${NORMAL_SCREEN}\x1b[9999;1H${'\n'.repeat(grown)}`), data]);
  }
}
