/** What one who looks on is sent of a flood (H5): so much in so long, however fast it takes it; and how often a fresh screen. */

/** Milliseconds between two fresh screens: while a program floods, lookers-on get ten a second. */
const SKIP_MS = 100;
/** Bytes that one who looks on is sent in that time: nobody reads more. */
const SHARE = 256 * 1024;

/**
 * Bytes behind the program at which a viewer of the screen skips to a fresh one: for the one who types, whom the program
 * waits for a moment, and for those who look on.
 */
export const BEHIND = { typing: 1024 * 1024, looking: 256 * 1024 };

export class Share {
  #since = 0;
  #sent = 0;
  #skipped = Number.NEGATIVE_INFINITY;

  count(bytes: number): void {
    this.#sent += bytes;
  }

  /** Whether it has had its share of the present time. */
  get spent(): boolean {
    if (this.#sent < SHARE) return false;
    const now = performance.now();
    if (now - this.#since < SKIP_MS) return true;
    this.#since = now;
    this.#sent = 0;
    return false;
  }

  /** Calls once the next fresh screen may be shown. */
  skip(show: () => void): void {
    const wait = Math.max(0, this.#skipped + SKIP_MS - performance.now());
    setTimeout(() => {
      this.#skipped = performance.now();
      show();
    }, wait);
  }
}
