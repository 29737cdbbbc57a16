/** The terminal that the chat is in: its own screen while it runs, and every mode as it was on each way out. */
import fs from 'node:fs';
import tty from 'node:tty';
import { TerminalOut } from '../../attach/terminal-out.ts';
import { terminalSize } from '../../attach/user-terminal.ts';

/** Milliseconds that a terminal gets to take what was painted before it is left. */
const DRAIN_MS = 300;

const MOUSE_ON = '\x1b[?1000h\x1b[?1006h';
const MOUSE_OFF = '\x1b[?1006l\x1b[?1000l';
/** Another screen, bracketed paste, focus, and keys told apart (kitty) where the terminal knows how. */
const ENTER = '\x1b[?1049h\x1b[?2004h\x1b[?1004h\x1b[>1u\x1b[?7l\x1b[0m\x1b[2J';
/** A sequence or a synchronized frame that was cut off is ended first. */
const LEAVE = `\x18\x1b[?2026l\x1b[r\x1b[0m${MOUSE_OFF}\x1b[<u\x1b[?1004l\x1b[?2004l\x1b[?7h\x1b[?1049l\x1b[?25h`;

interface Events {
  input(bytes: Uint8Array): void;
  resized(): void;
  /** The terminal hung up. */
  gone(): void;
}

export class ChatTerminal {
  readonly out = new TerminalOut(1);
  readonly #input = new tty.ReadStream(0);
  readonly #resized: () => void;
  readonly #restore = () => this.#leaveNow();
  #entered = false;
  /** From entering it until it begins to be left: what comes later is the shell's screen. */
  #ours = false;
  #mouse = true;

  constructor(events: Events) {
    this.#input.on('data', (bytes: Buffer) => events.input(bytes));
    this.#input.on('end', () => events.gone());
    this.#input.on('error', () => events.gone());
    this.#resized = () => events.resized();
    process.stdout.on('resize', this.#resized);
    // Whatever ends the program, the shell gets its terminal back.
    process.on('exit', this.#restore);
  }

  get size(): { cols: number; rows: number } {
    return terminalSize();
  }

  enter(): void {
    this.#entered = true;
    this.#ours = true;
    this.#input.setRawMode(true);
    this.write(ENTER + (this.#mouse ? MOUSE_ON : ''));
    this.#input.resume();
  }

  /** Nothing, unless the terminal is ours. */
  write(text: string): void {
    if (this.#ours) this.out.write(Buffer.from(text));
  }

  get mouse(): boolean {
    return this.#mouse;
  }

  set mouse(on: boolean) {
    this.#mouse = on;
    this.write(on ? MOUSE_ON : MOUSE_OFF);
  }

  async leave(): Promise<void> {
    if (!this.#entered) return;
    this.#ours = false;
    this.#input.pause();
    await this.out.drained(DRAIN_MS);
    this.#leaveNow();
  }

  async stop(): Promise<void> {
    await this.leave();
    process.stdout.off('resize', this.#resized);
    process.off('exit', this.#restore);
    this.#input.destroy();
  }

  #leaveNow(): void {
    if (!this.#entered) return;
    this.#entered = false;
    try {
      this.#input.setRawMode(false);
      if (!this.out.gone) fs.writeSync(1, LEAVE);
    } catch {
      // It is gone, or takes nothing.
    }
  }
}
