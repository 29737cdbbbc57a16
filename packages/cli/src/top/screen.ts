/** `skein top` on a terminal, from its first frame to the terminal as it was. */
import type { Client } from '@skein/protocol/client/client';
import { SkeinError } from '@skein/protocol/errors';
import { KeyDecoder, type KeyEvent } from '../chat/input/decode.ts';
import { InkScreen } from '../chat/view/ink-screen.tsx';
import { type Frame, paint } from '../chat/view/painter.ts';
import { ChatTerminal } from '../chat/view/terminal.ts';
import { openRow, stopRow } from './acts.ts';
import { TopApp } from './app.tsx';
import { frameOf, type TopView } from './frame.ts';
import { onKey, type TopDoing } from './keys.ts';
import { Looks } from './look.ts';
import type { Sort } from './order.ts';
import type { TopRow } from './rows.ts';
import { TopState } from './state.ts';

/** Milliseconds between two frames, and after which a lone escape was the key. */
const FRAME_MS = 33;
const ESCAPE_MS = 40;
const SIGNALS = { SIGTERM: 143, SIGHUP: 129, SIGINT: 130 } as const;

interface TopOptions {
  home: string;
  colours: boolean;
  /** Milliseconds between two looks. */
  every: number;
  sort: Sort;
  filter: string;
}

export class TopScreen {
  readonly #client: Client;
  readonly #options: TopOptions;
  readonly #state: TopState;
  readonly #ink: InkScreen<TopView>;
  #terminal: ChatTerminal;
  readonly #keys = new KeyDecoder();
  readonly #looks: Looks;
  readonly #doing: TopDoing;
  #frame: Frame | undefined;
  #drawn = Number.NEGATIVE_INFINITY;
  #due: NodeJS.Timeout | undefined;
  #escape: NodeJS.Timeout | undefined;
  #ticking: NodeJS.Timeout | undefined;
  /** Another program has the terminal. */
  #away = false;
  #over: ((status: number) => void) | undefined;
  #failed: unknown;

  constructor(client: Client, options: TopOptions) {
    this.#client = client;
    this.#options = options;
    this.#state = new TopState({ sort: options.sort, filter: options.filter });
    this.#ink = new InkScreen(TopApp, options.colours);
    this.#terminal = this.#newTerminal();
    this.#looks = new Looks(client, options.every, (answer) => {
      this.#state.told(answer);
      this.#schedule();
    });
    this.#doing = {
      quit: () => this.end(0),
      open: (row) => void this.#open(row),
      stop: (row) => void this.#stop(row),
      redraw: () => {
        this.#frame = undefined;
      },
    };
  }

  #newTerminal(): ChatTerminal {
    return new ChatTerminal({
      input: (bytes) => this.#input(this.#keys.push(bytes)),
      resized: () => this.#resized(),
      gone: () => this.end(129),
    });
  }

  /** Resolves with the exit status when its user leaves; throws what ended it otherwise. */
  async run(): Promise<number> {
    const over = new Promise<number>((resolve) => {
      this.#over = resolve;
    });
    const stops = Object.entries(SIGNALS).map(([signal, status]) => {
      const stop = () => this.#away || this.end(status);
      process.on(signal, stop);
      return () => process.off(signal, stop);
    });
    this.#state.size = this.#terminal.size;
    this.#terminal.enter();
    this.#draw();
    this.#looks.run().catch((error) => {
      this.#failed = error;
      this.end(1);
    });
    // While the node is away the time is told that passes.
    this.#ticking = setInterval(() => this.#state.cutSince !== undefined && this.#schedule(), 1_000);
    try {
      const status = await over;
      if (this.#failed !== undefined) throw this.#failed;
      return status;
    } finally {
      for (const stop of stops) stop();
      this.#looks.stop();
      clearInterval(this.#ticking);
      clearTimeout(this.#due);
      clearTimeout(this.#escape);
      this.#ink.stop();
      await this.#terminal.stop();
      this.#client.close();
    }
  }

  end(status: number): void {
    this.#over?.(status);
  }

  connection(state: 'lost' | 'back'): void {
    this.#state.cutSince = state === 'lost' ? performance.now() : undefined;
    this.#schedule();
  }

  #input(events: readonly KeyEvent[]): void {
    clearTimeout(this.#escape);
    for (const event of events) if (!this.#away) onKey(this.#state, event, this.#doing);
    if (this.#keys.pending) this.#escape = setTimeout(() => this.#input(this.#keys.flush()), ESCAPE_MS);
    this.#schedule();
  }

  #resized(): void {
    this.#state.size = this.#terminal.size;
    this.#schedule();
  }

  /** Leaves the terminal to the program that shows it. */
  async #open(row: TopRow): Promise<void> {
    if (this.#away) return;
    this.#away = true;
    this.#looks.paused = true;
    // Let go of altogether: of a terminal that is only not listened to, keys would still be read here.
    await this.#terminal.stop();
    const status = await openRow(row, this.#options.home);
    this.#away = false;
    if (status !== 0)
      this.#state.tell(`${row.ref} could not be shown, or ended: exit status ${status}`, true);
    this.#frame = undefined;
    this.#terminal = this.#newTerminal();
    this.#terminal.enter();
    this.#resized();
    this.#looks.paused = false;
  }

  async #stop(row: TopRow): Promise<void> {
    this.#state.tell(`stopping ${row.ref}…`);
    try {
      await stopRow(row, this.#options.home, this.#client);
      this.#state.tell(`${row.ref} was told to stop`);
    } catch (error) {
      this.#state.tell(SkeinError.from(error).message, true);
    }
    this.#looks.now();
    this.#schedule();
  }

  #schedule(): void {
    if (this.#due !== undefined || this.#away) return;
    const wait = Math.max(0, this.#drawn + FRAME_MS - performance.now());
    this.#due = setTimeout(() => {
      this.#due = undefined;
      this.#draw();
    }, wait);
  }

  #draw(): void {
    if (this.#away) return;
    // A terminal that has not taken the last frame gets only what is there when it has.
    if (this.#terminal.out.pending > 0) {
      this.#terminal.out.onTaken = () => this.#terminal.out.pending === 0 && this.#schedule();
      return;
    }
    this.#drawn = performance.now();
    const view = frameOf(this.#state, this.#drawn);
    const { cols, rows, cursor } = view;
    const frame: Frame = { lines: this.#ink.lines(view), cols, rows, cursor };
    const bytes = paint(this.#frame, frame);
    this.#frame = frame;
    if (bytes !== '') this.#terminal.write(bytes);
  }
}
