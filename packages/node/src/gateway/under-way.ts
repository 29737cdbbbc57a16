/**
 * What a connection has under way (rule C2): so much work at once, so that a flood waits in its sender. What only waits is no work:
 * who waits for the ends of a few hundred programs must still be heard when they end one.
 */

/** Asks and commands under way at once; further ones wait unread. */
const MAX_WORK = 256;
/** Asks beside those that wait for something; and the bytes that one of them may have had, as what it asked may be kept. */
const MAX_WAITING = 2_048;
const SMALL = 4 * 1024;

interface Work {
  readonly bytes: number;
  /** Beats that it has seen. */
  beats: number;
}

export class UnderWay {
  readonly #work = new Set<Work>();
  readonly #waiting = new Set<Work>();

  /** Whether nothing more is to be begun. */
  get full(): boolean {
    return this.#work.size >= MAX_WORK;
  }

  /** Resolves when it is done. `bytes` of what is asked; Infinity for what counts until then. */
  async during(work: Promise<void>, bytes: number): Promise<void> {
    const one = { bytes, beats: 0 };
    this.#work.add(one);
    await work;
    if (!this.#work.delete(one)) this.#waiting.delete(one);
  }

  /** Time has passed: what has been under way since before the last beat waits for something. */
  beat(): void {
    for (const one of this.#work) {
      if (this.#waiting.size >= MAX_WAITING) return;
      if (++one.beats < 2 || one.bytes > SMALL) continue;
      this.#work.delete(one);
      this.#waiting.add(one);
    }
  }
}
