/**
 * Where a viewer is shown its program: by frames on its connection, or, for one on this machine, on its terminal itself
 * (rule H8).
 */
import { SkeinError } from '@skein/protocol/errors';
import {
  type ExitFrame,
  frame,
  HostFrame,
  type NearTerminalPlace,
  type ScreenFrame,
} from '@skein/protocol/host/frames';
import { TypedAhead } from '@skein/protocol/host/typed-ahead';
import { LEAVE } from '../terminal/reset.ts';
import type { Link } from './link.ts';
import { NearTerminal } from './near-terminal.ts';

const NOTHING = new Uint8Array(0);
/** Before the frames of a screen of another size. */
const CLEAR = Buffer.from('\x1b[H\x1b[2J');
/** Milliseconds that a terminal gets to take the last of what was printed. */
const DRAIN_MS = 300;
const LEAVE_BYTES = Buffer.from(LEAVE);
const BELL = Buffer.from('\x07');

export interface Outlet {
  /** Whether it is the terminal itself. */
  readonly near: boolean;
  /** Bytes that the terminal has not taken; undefined where the viewer tells what it has consumed. */
  readonly pending: number | undefined;
  /** The program's own bytes, from this offset. They must not change afterwards. */
  data(offset: number, bytes: Uint8Array): void;
  /** A rendered frame, as of this offset. */
  frame(offset: number, bytes: Uint8Array): void;
  screen(screen: ScreenFrame): void;
  /** The last thing to be told; the connection ends. */
  exit(exit: ExitFrame): void;
  /** The viewer does not read its terminal any more, nor write to it. */
  take(): void;
  /** The viewer wants its terminal back. */
  release(): void;
  /** The viewer has gone, without a word if it was not released before. */
  close(): void;
}

interface OutletEvents {
  /** Typed at a terminal that is read here; `taken` once the program has it. */
  typed(bytes: Uint8Array, taken: () => void): void;
  /** The terminal has taken something that had to wait. */
  taken(): void;
}

/** The terminal that the viewer offers, if it can be had; else its connection. */
export function outletFor(link: Link, place: NearTerminalPlace | undefined, events: OutletEvents): Outlet {
  let near: NearOutlet | undefined;
  /** What a frame on the connection would have it refused for. */
  const guarded = (act: () => void) => {
    try {
      act();
    } catch (error) {
      near?.close();
      link.refuse(SkeinError.from(error));
    }
  };
  const terminal =
    place &&
    NearTerminal.open(place, {
      input: (bytes) => guarded(() => near?.typed(bytes)),
      leave: () => link.send(frame(HostFrame.LEAVE, NOTHING)),
      taken: () => guarded(() => near?.taken()),
      gone: () => link.close(),
    });
  if (terminal !== undefined) near = new NearOutlet(link, terminal, events);
  return near ?? new LinkOutlet(link);
}

class LinkOutlet implements Outlet {
  readonly near = false;
  readonly pending = undefined;
  readonly #link: Link;

  constructor(link: Link) {
    this.#link = link;
  }

  data(offset: number, bytes: Uint8Array): void {
    this.#link.sendBytes(HostFrame.DATA, offset, bytes);
  }

  frame(offset: number, bytes: Uint8Array): void {
    this.#link.sendBytes(HostFrame.FRAME, offset, bytes);
  }

  screen(screen: ScreenFrame): void {
    this.#link.sendValue(HostFrame.SCREEN, screen);
  }

  exit(exit: ExitFrame): void {
    this.#link.sendValue(HostFrame.EXIT, exit);
    this.#link.end();
  }

  take(): void {}

  release(): void {
    this.#link.end();
  }

  close(): void {}
}

class NearOutlet implements Outlet {
  readonly near = true;
  readonly #link: Link;
  readonly #terminal: NearTerminal;
  readonly #events: OutletEvents;
  readonly #ahead: TypedAhead;
  /** A screen was shown: who leaves the terminal has to clean it. */
  #shown = false;
  #exit: ExitFrame | undefined;
  #late: NodeJS.Timeout | undefined;

  constructor(link: Link, terminal: NearTerminal, events: OutletEvents) {
    this.#link = link;
    this.#terminal = terminal;
    this.#events = events;
    this.#ahead = new TypedAhead({ pause: () => terminal.pause(), resume: () => terminal.take() });
  }

  get pending(): number {
    return this.#terminal.pending;
  }

  data(_offset: number, bytes: Uint8Array): void {
    this.#terminal.write(bytes);
  }

  frame(_offset: number, bytes: Uint8Array): void {
    this.#terminal.write(bytes);
  }

  screen(screen: ScreenFrame): void {
    this.#shown = true;
    this.#terminal.write(screen.mode === 'raw' ? screen.data : CLEAR);
    this.#link.sendValue(HostFrame.SCREEN, { ...screen, data: NOTHING });
  }

  /** Told once all that was printed is on the terminal. One that is stopped is not waited for. */
  exit(exit: ExitFrame): void {
    this.#exit = exit;
    if (this.pending === 0) this.#end(exit);
    else this.#late ??= setTimeout(() => this.#end(exit), DRAIN_MS);
  }

  take(): void {
    this.#terminal.take();
  }

  release(): void {
    this.#giveBack();
    this.#link.end();
  }

  /** Nobody else would clean it: a viewer that is killed cannot, and whoever has it next does not know. */
  close(): void {
    if (this.#shown) this.#terminal.closeWith(LEAVE_BYTES);
    this.#giveBack();
  }

  /** Its own process cleans it. */
  #giveBack(): void {
    clearTimeout(this.#late);
    this.#ahead.stop();
    this.#terminal.close();
  }

  taken(): void {
    if (this.#exit === undefined) this.#events.taken();
    else if (this.pending === 0) this.#end(this.#exit);
  }

  typed(bytes: Uint8Array): void {
    const size = bytes.length;
    if (this.#ahead.typed(size)) this.#events.typed(bytes, () => this.#ahead.taken(size));
    else this.#terminal.write(BELL);
  }

  #end(exit: ExitFrame): void {
    this.#giveBack();
    this.#link.sendValue(HostFrame.EXIT, exit);
    this.#link.end();
  }
}
