/**
 * Stdout for what may be long. Whoever reads slowly, as a pager does, holds back where it comes from and not this program, which
 * goes on answering its node meanwhile (rules C2, C4).
 */
import { TerminalOut } from '../attach/terminal-out.ts';
import { reportError } from './errors.ts';

/** Bytes that may wait for the reader before there is no more room. */
const ROOM = 256 * 1024;
/** Milliseconds that the last bytes may take; a reader that stops for good is not waited for longer. */
const DRAIN_MS = 3_600_000;
/** Exit status of a program whose reader is gone. */
const BROKEN_PIPE = 141;

export class LongOutput {
  readonly #out = new TerminalOut(1);
  readonly #json: boolean;
  #waiting: (() => void)[] = [];
  /** Told whenever the reader has taken something that had to wait. */
  onTaken: () => void = () => {};

  /** `json`: that it takes no more is told as JSON. */
  constructor(json = false) {
    this.#json = json;
    this.#out.onTaken = () => this.#taken();
  }

  /** Bytes that the reader has not taken yet. */
  get pending(): number {
    return this.#out.pending;
  }

  /** A reader that is gone ends the program quietly, as a broken pipe does. */
  write(data: string | Uint8Array): void {
    this.#out.write(typeof data === 'string' ? Buffer.from(data) : data);
    this.#check();
  }

  /** Resolves when the reader has taken enough for there to be more. */
  async room(): Promise<void> {
    while (this.pending > ROOM) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  /** Resolves when all is taken. */
  end(): Promise<void> {
    return this.#out.drained(DRAIN_MS);
  }

  #taken(): void {
    this.#check();
    this.onTaken();
    for (const go of this.#waiting.splice(0)) go();
  }

  #check(): void {
    const { lostBy } = this.#out;
    if (lostBy === undefined) return;
    process.exit(lostBy.code === 'EPIPE' ? BROKEN_PIPE : reportError(lostBy, this.#json));
  }
}
