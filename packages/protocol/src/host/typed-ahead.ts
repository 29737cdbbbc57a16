/**
 * What is typed at a terminal and not taken by its program (rule H3). Past a bound the terminal is not read, so that a program
 * which reads slowly gets all of a paste; of one that reads nothing, it is read on, or the keys that leave would not be heard.
 */

/** Bytes that may wait: far below what a host lets wait in all, and no more than a lane may have under way. */
export const TYPED_AHEAD = 256 * 1024;
/** Milliseconds in which a program that reads at all takes something. */
const STUCK_MS = 2_000;

interface TypedAheadEvents {
  /** The terminal is not to be read just now. */
  pause(): void;
  /** It is to be read again. */
  resume(): void;
}

export class TypedAhead {
  readonly #events: TypedAheadEvents;
  #waiting = 0;
  /** Set while the terminal is not read. */
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** The program has taken nothing for so long that what does not fit is dropped. */
  #stuck = false;

  constructor(events: TypedAheadEvents) {
    this.#events = events;
  }

  /** Whether so many more may wait while the terminal goes on being read. */
  fits(size: number): boolean {
    return this.#waiting + size < TYPED_AHEAD;
  }

  /** Whether so many bytes are kept that were typed just now; else they are to be dropped. */
  typed(size: number): boolean {
    if (this.#stuck && this.#waiting + size > TYPED_AHEAD) return false;
    this.#waiting += size;
    if (this.#waiting >= TYPED_AHEAD && !this.#stuck && this.#timer === undefined) {
      this.#timer = setTimeout(() => {
        this.#stuck = true;
        this.#goOn();
      }, STUCK_MS);
      this.#events.pause();
    }
    return true;
  }

  /** The program has taken so many. */
  taken(size: number): void {
    this.#waiting -= size;
    this.#stuck = false;
    if (this.#timer === undefined) return;
    if (this.#waiting < TYPED_AHEAD) this.#goOn();
    else this.#timer.refresh();
  }

  /** Leaves the terminal as it is. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #goOn(): void {
    this.stop();
    this.#events.resume();
  }
}
