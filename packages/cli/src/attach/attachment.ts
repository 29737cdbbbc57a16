/**
 * One attachment: the user's terminal on one side, the program's host on the other (rules H3, H5, H6). Keys go straight
 * to the host, output straight to the terminal; the node is not in between.
 */
import type { SkeinError } from '@skein/protocol/errors';
import type { ExitFrame, ScreenFrame } from '@skein/protocol/host/frames';
import { VIEW_REPORT } from '@skein/protocol/limits';
import { type DetachKey, DetachKeys } from './detach-keys.ts';
import { HostViewer } from './host-viewer.ts';
import { InputWindow } from './input-window.ts';
import type { UserTerminal } from './user-terminal.ts';

/** Milliseconds after which the host is told of less than VIEW_REPORT bytes. */
const REPORT_MS = 20;

const CLEAR = '\x1b[H\x1b[2J';

/** How it ended. `lost`: the connection broke; the program may live. */
export type Outcome =
  | { kind: 'detached' }
  | { kind: 'exited'; exit: ExitFrame }
  | { kind: 'stopped' }
  | { kind: 'lost'; error: SkeinError | undefined };

export interface Right {
  socket: string;
  token: string;
}

export interface AttachmentOptions {
  name: string;
  label: string;
  readOnly: boolean;
  detach: readonly DetachKey[];
}

export class Attachment {
  readonly #options: AttachmentOptions;
  readonly #window = new InputWindow();
  readonly #detach: DetachKeys;
  #terminal: UserTerminal | undefined;
  #viewer: HostViewer | undefined;
  #mode: ScreenFrame['mode'] = 'raw';
  /** The end of what was written to the terminal, and what of it the host was told. */
  #written = 0;
  #reported = 0;
  #reportTimer: NodeJS.Timeout | undefined;
  #frameOwed = false;
  #settle: (outcome: Outcome) => void = () => {};

  constructor(options: AttachmentOptions) {
    this.#options = options;
    this.#detach = new DetachKeys(options.detach);
  }

  /** Connects and serves until something ends it. May be called again after `lost` or `stopped`. */
  run(terminal: UserTerminal, right: Right): Promise<Outcome> {
    this.#terminal = terminal;
    terminal.out.onTaken = () => this.#taken();
    const { cols, rows } = terminal.size;
    return new Promise((resolve) => {
      let exit: ExitFrame | undefined;
      this.#settle = (outcome) => {
        this.#settle = () => {};
        clearTimeout(this.#reportTimer);
        this.#reportTimer = undefined;
        resolve(outcome);
        viewer.close();
      };
      const { name, label } = this.#options;
      const hello = { token: right.token, view: 'screen', cols, rows, attachment: name, label } as const;
      const viewer = new HostViewer(right.socket, hello, {
        welcome: ({ accepted }) => {
          this.#window.accepted(accepted);
          for (const { offset, bytes } of this.#window.unaccepted()) viewer.input(offset, bytes);
        },
        screen: (screen) => this.#screen(screen),
        data: (offset, bytes) => this.#data(offset, bytes),
        frame: (offset, bytes) => this.#frame(offset, bytes),
        accepted: (offset) => {
          this.#window.accepted(offset);
          if (!this.#window.full) terminal.resume();
        },
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
    if (pass.length > 0 && !this.#options.readOnly) {
      const piece = this.#window.push(pass);
      this.#viewer?.input(piece.offset, piece.bytes);
      if (this.#window.full) this.#terminal?.pause();
    }
    if (detach) this.end({ kind: 'detached' });
  }

  resized(size: { cols: number; rows: number }): void {
    this.#viewer?.resize(size.cols, size.rows);
  }

  end(outcome: Outcome): void {
    this.#settle(outcome);
  }

  #screen({ mode, offset, data }: ScreenFrame): void {
    this.#mode = mode;
    this.#written = this.#reported = offset;
    this.#terminal?.out.write(mode === 'raw' ? data : Buffer.from(CLEAR));
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

  /** Told soon, but never before the bytes are on the terminal, nor for each key alone. */
  #report(): void {
    const consumed = this.#written - (this.#terminal?.out.pending ?? 0);
    if (consumed - this.#reported >= VIEW_REPORT) this.#tell(consumed);
    else if (consumed > this.#reported) {
      this.#reportTimer ??= setTimeout(() => {
        this.#reportTimer = undefined;
        const now = this.#written - (this.#terminal?.out.pending ?? 0);
        if (this.#mode === 'raw' && now > this.#reported) this.#tell(now);
      }, REPORT_MS);
    }
  }

  #tell(consumed: number): void {
    this.#reported = consumed;
    this.#viewer?.consumed(consumed);
  }
}
