/** Where a peer may be found: as whoever wants it said, and as it says itself, though not as often as it likes (C5). */
import type { Whereabouts } from '../tunnels/frames.ts';

/**
 * Sayings of a peer that are acted on at once, and the milliseconds after which there may be one more: each may send this
 * node to addresses of its choice.
 */
const SAYINGS = 4;
const SAYING_MS = 5_000;

const NOWHERE: Whereabouts = { addrs: [], relays: [] };

export class Places {
  #given = NOWHERE;
  #told = NOWHERE;
  /** Sayings that may still come, as of `#at`. */
  #left = SAYINGS;
  #at = 0;
  #later: Whereabouts | undefined;

  get all(): Whereabouts {
    return {
      addrs: [...this.#given.addrs, ...this.#told.addrs],
      relays: [...this.#given.relays, ...this.#told.relays],
    };
  }

  give({ addrs, relays }: Whereabouts): void {
    this.#given = { addrs, relays };
  }

  /** It said where it is; whether that counts now, or only once `due` says so. */
  tell({ addrs, relays }: Whereabouts, now: number): boolean {
    this.#later = { addrs, relays };
    return this.due(now);
  }

  /** Whether something that it said counts from now on. */
  due(now: number): boolean {
    if (this.#later === undefined) return false;
    this.#left = Math.min(SAYINGS, this.#left + (now - this.#at) / SAYING_MS);
    this.#at = now;
    if (this.#left < 1) return false;
    this.#left--;
    this.#told = this.#later;
    this.#later = undefined;
    return true;
  }
}
