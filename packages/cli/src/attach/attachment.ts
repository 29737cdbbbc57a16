/**
 * One attachment: the user's terminal on one side, the program's host on the other (rules H3, H5, H6). On one machine keys
 * go straight to the host and output straight to the terminal; the node is not in between.
 */
import type { SkeinError } from '@skein/protocol/errors';
import type { ExitFrame, ScreenFrame } from '@skein/protocol/host/frames';
import { TypedAhead } from '@skein/protocol/host/typed-ahead';
import { VIEW_REPORT } from '@skein/protocol/limits';
import { type DetachKey, DetachKeys } from '@skein/protocol/text/detach-keys';
import { HostViewer } from './host-viewer.ts';
import { InputWindow } from './input-window.ts';
import type { UserTerminal } from './user-terminal.ts';
import type { OpenViewer } from './viewer-stream.ts';

/** Milliseconds after which the host is told of less than VIEW_REPORT bytes. */
const REPORT_MS = 20;

/** Milliseconds in which a host lets go of a terminal; one that is stopped does not, and is not waited for longer. */
const LET_GO_MS = 3_000;

/** Bytes that may wait for a connection that is cut; what one types blindly beyond that is better not done. */
const CUT_MAX = 4 * 1024;

const CLEAR = '\x1b[H\x1b[2J';

/** The user has left. `untaken`: bytes typed that nobody has accepted, where it was cut. */
interface Detached {
  kind: 'detached';
  untaken?: number;
}

/** How it ended. `lost`: the connection broke; the program may live. */
export type Outcome =
  | Detached
  | { kind: 'exited'; exit: ExitFrame }
  | { kind: 'stopped' }
  | { kind: 'lost'; error: SkeinError | undefined };

interface AttachmentOptions {
  name: string;
  label: string;
  /** The host is on this machine. */
  here: boolean;
  detach: readonly DetachKey[];
  /** Something was typed while the connection is cut: what waits now, and whether more is refused (H3). */
  typedWhileCut?: (waiting: number, refused: boolean) => void;
  /** What was typed by somebody who may only look on, or cannot be kept for a program that reads nothing. */
  typedInVain?: () => void;
}

/** What an attachment needs of the terminal. */
type Terminal = Pick<UserTerminal, 'out' | 'size' | 'place' | 'pause' | 'resume' | 'showPlainly'>;

export class Attachment {
  /** Keys go nowhere. May change between two connections, as a member's role does. */
  readOnly = false;
  readonly #options: AttachmentOptions;
  readonly #window = new InputWindow();
  readonly #detach: DetachKeys;
  #terminal: Terminal | undefined;
  readonly #ahead = new TypedAhead({
    pause: () => this.#terminal?.pause(),
    resume: () => {
      if (!this.#near) this.#terminal?.resume();
    },
  });
  #viewer: HostViewer | undefined;
  #mode: ScreenFrame['mode'] = 'raw';
  /** The end of what was written to the terminal, and what of it the host was told. */
  #written = 0;
  #reported = 0;
  #reportTimer: NodeJS.Timeout | undefined;
  #frameOwed = false;
  /** The host serves the terminal itself; once it has lost that, not again. */
  #near = false;
  #farOnly = false;
  /** The other end has said who it is, and not yet gone. */
  #connected = false;
  /** Something typed was refused; until the connection is back, so is all that follows. */
  #refusing = false;
  #settle: (outcome: Outcome) => void = () => {};

  /** Resolves when the user wants to leave, connected or not. */
  readonly left: Promise<Detached>;
  #leave: (outcome: Detached) => void = () => {};

  constructor(options: AttachmentOptions) {
    this.#options = options;
    this.left = new Promise((resolve) => {
      this.#leave = resolve;
    });
    this.#detach = new DetachKeys(options.detach);
  }

  /** Bytes typed that the host has not accepted, also before it was noticed that it cannot. */
  get waiting(): number {
    return this.#window.waiting;
  }

  /** Connects and serves until something ends it. May be called again after `lost` or `stopped`. */
  run(terminal: Terminal, open: OpenViewer, began: () => void = () => {}): Promise<Outcome> {
    this.#terminal = terminal;
    terminal.out.onTaken = () => this.#taken();
    const { cols, rows } = terminal.size;
    return new Promise((resolve) => {
      let exit: ExitFrame | undefined;
      this.#settle = (outcome) => {
        if (this.#near && outcome.kind !== 'lost' && outcome.kind !== 'exited') {
          // Nothing more is written to the terminal once the host has closed.
          this.#settle = (next) => {
            if (next.kind === 'lost' || next.kind === 'exited') settle(outcome);
          };
          viewer.release();
          letGo = setTimeout(() => settle(outcome), LET_GO_MS);
        } else settle(outcome);
      };
      let letGo: NodeJS.Timeout | undefined;
      const settle = (outcome: Outcome) => {
        clearTimeout(letGo);
        this.#settle = () => {};
        if (this.#near && outcome.kind === 'lost') this.#farOnly = true;
        this.#near = false;
        this.#connected = false;
        // The keys that leave must be heard.
        this.#ahead.stop();
        terminal.resume();
        clearTimeout(this.#reportTimer);
        this.#reportTimer = undefined;
        resolve(outcome);
        viewer.close();
      };
      const { name, label, here } = this.#options;
      const place = !here || this.readOnly || this.#farOnly ? undefined : terminal.place();
      const near = place && { terminal: { ...place, detach: [...this.#options.detach] } };
      const hello = { view: 'screen', cols, rows, attachment: name, label, ...near } as const;
      const viewer = new HostViewer(open, hello, {
        welcome: ({ accepted, terminal: taken = false }) => {
          this.#connected = true;
          this.#refusing = false;
          began();
          this.#accepted(accepted);
          if (this.readOnly && !this.#window.settled) {
            // The role was lowered meanwhile: what was typed with the higher one is nobody's any more.
            this.#ahead.taken(this.#window.waiting);
            this.#window.discard();
            this.#options.typedInVain?.();
          }
          for (const { offset, bytes } of this.#window.unaccepted()) viewer.input(offset, bytes);
          if (!taken || near === undefined) return;
          this.#near = true;
          terminal.pause();
          const held = this.#detach.release();
          if (held.length > 0) this.#typed(held);
          viewer.take();
        },
        screen: (screen) => this.#screen(screen),
        data: (offset, bytes) => this.#data(offset, bytes),
        frame: (offset, bytes) => this.#frame(offset, bytes),
        accepted: (offset) => this.#accepted(offset),
        leave: () => this.end({ kind: 'detached' }),
        exit: (frame) => {
          exit = frame;
        },
        closed: (error) =>
          this.#settle(exit === undefined ? { kind: 'lost', error } : { kind: 'exited', exit }),
      });
      this.#viewer = viewer;
    });
  }

  /** What the user typed. */
  input(bytes: Uint8Array): void {
    const { pass, detach } = this.#detach.push(bytes);
    if (pass.length > 0 && this.readOnly) this.#options.typedInVain?.();
    else if (pass.length > 0) this.#typed(pass);
    if (detach) this.end({ kind: 'detached' });
  }

  #typed(bytes: Uint8Array): void {
    if (!this.#connected) {
      // What is smaller would fit again, and the end of a command run without its middle.
      this.#refusing ||= this.waiting + bytes.length > CUT_MAX || !this.#ahead.typed(bytes.length);
      if (!this.#refusing) this.#window.push(bytes);
      this.#options.typedWhileCut?.(this.waiting, this.#refusing);
      return;
    }
    if (!this.#ahead.typed(bytes.length)) return this.#options.typedInVain?.();
    const piece = this.#window.push(bytes);
    this.#viewer?.input(piece.offset, piece.bytes, this.#unreported());
  }

  #accepted(offset: number): void {
    const { waiting } = this.#window;
    this.#window.accepted(offset);
    if (this.#window.waiting < waiting) this.#ahead.taken(waiting - this.#window.waiting);
  }

  resized(size: { cols: number; rows: number }): void {
    this.#viewer?.resize(size.cols, size.rows);
  }

  end(outcome: Outcome): void {
    if (outcome.kind === 'detached') this.#leave(outcome);
    this.#settle(outcome);
  }

  #screen({ mode, offset, data }: ScreenFrame): void {
    this.#mode = mode;
    this.#written = this.#reported = offset;
    if (!this.#near) this.#terminal?.out.write(mode === 'raw' ? data : Buffer.from(CLEAR));
    this.#terminal?.showPlainly();
  }

  #data(offset: number, bytes: Uint8Array): void {
    this.#terminal?.out.write(bytes);
    this.#written = offset + bytes.length;
    this.#report();
  }

  #frame(offset: number, bytes: Uint8Array): void {
    this.#terminal?.out.write(bytes);
    this.#written = offset;
    this.#frameOwed = true;
    this.#taken();
  }

  #taken(): void {
    if (this.#mode === 'raw') this.#report();
    else if (this.#frameOwed && this.#terminal?.out.pending === 0) {
      this.#frameOwed = false;
      this.#viewer?.consumed(this.#written);
    }
  }

  /** The end of what is on the terminal. */
  get #consumed(): number {
    return this.#written - (this.#terminal?.out.pending ?? 0);
  }

  /** Told soon, or with the next key, but never before the bytes are on the terminal, nor for each key alone. */
  #report(): void {
    if (this.#consumed - this.#reported >= VIEW_REPORT) this.#tell();
    else if (this.#consumed > this.#reported) this.#reportTimer ??= setTimeout(() => this.#tell(), REPORT_MS);
  }

  #tell(): void {
    const consumed = this.#unreported();
    if (consumed !== undefined) this.#viewer?.consumed(consumed);
  }

  /** What is to be told, and from now on counts as told. */
  #unreported(): number | undefined {
    clearTimeout(this.#reportTimer);
    this.#reportTimer = undefined;
    const consumed = this.#consumed;
    if (this.#mode !== 'raw' || consumed <= this.#reported) return undefined;
    this.#reported = consumed;
    return consumed;
  }
}
