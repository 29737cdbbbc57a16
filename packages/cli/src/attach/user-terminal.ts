/** The terminal that the user sits at: raw while attached, its size followed, and clean again on every way out. */
import fs from 'node:fs';
import tty from 'node:tty';
import { ENTER, LEAVE } from '@skein/node/terminal/reset';
import { MAX_SIZE, MIN_COLS, MIN_ROWS } from '@skein/protocol/limits';
import { TerminalOut } from './terminal-out.ts';

/** Milliseconds that a terminal gets to take what was painted before it is left. */
const DRAIN_MS = 300;

interface TerminalSize {
  cols: number;
  rows: number;
}

interface TerminalEvents {
  input(bytes: Uint8Array): void;
  resized(size: TerminalSize): void;
  /** The terminal hung up. */
  gone(): void;
}

/** Whether both ends are a terminal. */
export function hasTerminal(): boolean {
  return tty.isatty(0) && tty.isatty(1);
}

/** Of the user's terminal, within what a program's may have; one that tells nothing is taken for 80×24. */
export function terminalSize(): TerminalSize {
  const { columns, rows } = process.stdout;
  const within = (value: number, least: number) => Math.min(Math.max(value, least), MAX_SIZE);
  return { cols: within(columns || 80, MIN_COLS), rows: within(rows || 24, MIN_ROWS) };
}

export class UserTerminal {
  readonly out = new TerminalOut(1);
  readonly #input = new tty.ReadStream(0);
  #entered = false;
  #wasEntered = false;

  constructor(events: TerminalEvents) {
    this.#input.on('data', (bytes: Buffer) => events.input(bytes));
    this.#input.on('end', () => events.gone());
    this.#input.on('error', () => events.gone());
    process.stdout.on('resize', () => events.resized(this.size));
    // Whatever ends the program, the shell gets its terminal back.
    process.on('exit', () => this.#restore());
  }

  get size(): TerminalSize {
    return terminalSize();
  }

  enter(): void {
    this.#entered = true;
    this.#input.setRawMode(true);
    // What the terminal shows goes to its own history, as if the program had scrolled it away.
    const away = this.#wasEntered ? '' : `\x1b[9999;1H${'\n'.repeat(this.size.rows)}`;
    this.#wasEntered = true;
    this.out.write(Buffer.from(away + ENTER));
    this.#input.resume();
  }

  pause(): void {
    this.#input.pause();
  }

  resume(): void {
    if (this.#entered) this.#input.resume();
  }

  /** Gives the terminal back, clean, the cursor on a fresh line. */
  async leave(): Promise<void> {
    if (!this.#entered) return;
    this.#input.pause();
    await this.out.drained(DRAIN_MS);
    this.#restore();
  }

  #restore(): void {
    if (!this.#entered) return;
    this.#entered = false;
    try {
      this.#input.setRawMode(false);
      // A terminal that has not taken what was there before would have to be waited for.
      if (this.out.pending === 0 && !this.out.gone) fs.writeSync(1, LEAVE);
    } catch {
      // It is gone.
    }
  }
}
