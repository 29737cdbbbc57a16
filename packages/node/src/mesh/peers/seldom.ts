/** The latest that somebody says, which counts at once, but not as often as they say something (C5). */
export class Seldom<T> {
  readonly #most: number;
  readonly #eachMs: number;
  #left: number;
  /** When `#left` was true. */
  #at = 0;
  #later: { said: T } | undefined;

  /** So many count at once, and after so many milliseconds one more. */
  constructor(most: number, eachMs: number) {
    this.#most = most;
    this.#eachMs = eachMs;
    this.#left = most;
  }

  /** Whether something was said that does not count yet. */
  get waits(): boolean {
    return this.#later !== undefined;
  }

  say(said: T): void {
    this.#later = { said };
  }

  /** What counts from now on, once. */
  due(now: number): T | undefined {
    const later = this.#later;
    if (later === undefined) return undefined;
    this.#left = Math.min(this.#most, this.#left + (now - this.#at) / this.#eachMs);
    this.#at = now;
    if (this.#left < 1) return undefined;
    this.#left--;
    this.#later = undefined;
    return later.said;
  }
}
