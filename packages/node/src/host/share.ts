/** What one who looks on is sent of a flood (H5): so much in so long, however fast it takes it. */

/** Milliseconds between two fresh screens: while a program floods, lookers-on get ten a second. */
export const SKIP_MS = 100;
/** Bytes that one who looks on is sent in that time: nobody reads more. */
const SHARE = 256 * 1024;

export class Share {
  #since = 0;
  #sent = 0;

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
}
