/** The terminal that the user sits at: raw while attached, its size followed, and clean again on every way out. */
import { type ChildProcess, spawn } from 'node:child_process';
import fs from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import tty from 'node:tty';
import { ENTER, LEAVE } from '@skein/node/terminal/reset';
import type { NearTerminalPlace } from '@skein/protocol/host/frames';
import { MAX_SIZE, MIN_COLS, MIN_ROWS } from '@skein/protocol/limits';
import { TerminalOut } from './terminal-out.ts';

/** Milliseconds that a terminal gets to take what was painted before it is left. */
const DRAIN_MS = 300;
/** Milliseconds until a terminal that was full is tried again. */
const AGAIN_MS = 5;
const LEAVE_BYTES = Buffer.from(LEAVE);

/** Bytes read at a time. */
const READ = 64 * 1024;

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
  readonly #input: tty.ReadStream;
  #entered = false;
  #clean = false;
  /** What takes the terminal's own line ends away, while it runs. */
  #plain: ChildProcess | undefined;
  #wasEntered = false;

  constructor(events: TerminalEvents) {
    // Read so, it stops at once when it is paused: what is typed then is for whoever reads the terminal next.
    const callback = (size: number, buffer: Uint8Array) => {
      events.input(Buffer.from(buffer.subarray(0, size)));
      return true;
    };
    this.#input = new tty.ReadStream(0, { onread: { buffer: Buffer.alloc(READ), callback } });
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
    this.#clean = false;
    this.#input.setRawMode(true);
    this.#plain = undefined;
    // What the terminal shows goes to its own history, as if the program had scrolled it away.
    const away = this.#wasEntered ? '' : `\x1b[9999;1H${'\n'.repeat(this.size.rows)}`;
    this.#wasEntered = true;
    this.out.write(Buffer.from(away + ENTER));
    this.#input.resume();
  }

  /** Which terminal this is, for whoever may open it; undefined where that cannot be told, or something waits to be written. */
  place(): Omit<NearTerminalPlace, 'detach'> | undefined {
    if (process.platform !== 'linux' || this.out.pending > 0) return undefined;
    try {
      const path = fs.readlinkSync('/proc/self/fd/0');
      const [input, output] = [fs.fstatSync(0), fs.fstatSync(1)];
      const { dev, ino, rdev } = input;
      return output.dev === dev && output.ino === ino ? { path, dev, ino, rdev } : undefined;
    } catch {
      return undefined;
    }
  }

  /** From here on bytes are shown as they are; called once a screen is there, which does not wait for it. */
  showPlainly(): void {
    if (this.#entered) this.#plain ??= plainOutput();
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
    await Promise.all([this.out.drained(DRAIN_MS), ended(this.#plain, DRAIN_MS)]);
    // What the host wrote last may fill the terminal still.
    for (let ms = 0; ms < DRAIN_MS && !this.#offerLeave(); ms += AGAIN_MS) await sleep(AGAIN_MS);
    // What is said afterwards waits for the terminal anyway, and is to find it clean.
    if (!this.#clean) await this.out.last(LEAVE_BYTES);
    this.#clean = true;
    this.#restore();
  }

  /** Leaves the terminal clean, once, if it takes anything now: whoever exits cannot wait. */
  #offerLeave(): boolean {
    this.#clean ||= this.out.gone || this.out.offer(LEAVE_BYTES);
    return this.#clean;
  }

  #restore(): void {
    if (!this.#entered) return;
    this.#entered = false;
    this.#plain?.kill('SIGKILL');
    this.#offerLeave();
    try {
      this.#input.setRawMode(false);
    } catch {
      // It is gone.
    }
  }
}

/**
 * Has the terminal show bytes as they are. Node's raw mode leaves it to begin a line anew at each line feed: the program's
 * own terminal has done that, or the program wants the cursor to go straight down.
 */
function plainOutput(): ChildProcess | undefined {
  try {
    const child = spawn('stty', ['-opost'], { stdio: ['inherit', 'ignore', 'ignore'] });
    // Without it, most programs show well.
    child.on('error', () => {});
    return child;
  } catch {
    return undefined;
  }
}

/** Resolves when it has ended, which it is made to once the time is over. */
async function ended(child: ChildProcess | undefined, ms: number): Promise<void> {
  if (child === undefined || child.exitCode !== null || child.signalCode !== null || child.pid === undefined)
    return;
  const timer = setTimeout(() => child.kill('SIGKILL'), ms);
  await new Promise<void>((resolve) => child.once('exit', () => resolve()));
  clearTimeout(timer);
}
