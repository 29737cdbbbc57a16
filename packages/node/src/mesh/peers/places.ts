/** Where a peer may be found: as whoever wants it said, and as it says itself, though not as often as it likes (C5). */
import type { Whereabouts } from '../tunnels/frames.ts';
import { Seldom } from './seldom.ts';

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
  readonly #sayings = new Seldom<Whereabouts>(SAYINGS, SAYING_MS);

  /** What is newest comes first: only so many are tried. */
  get all(): Whereabouts {
    return {
      addrs: [...this.#told.addrs, ...this.#given.addrs],
      relays: [...this.#told.relays, ...this.#given.relays],
    };
  }

  give({ addrs, relays }: Whereabouts): void {
    this.#given = { addrs, relays };
  }

  /** It said where it is; whether that counts now, or only once `due` says so. */
  tell({ addrs, relays }: Whereabouts, now: number): boolean {
    this.#sayings.say({ addrs, relays });
    return this.due(now);
  }

  /** Whether something that it said counts from now on. */
  due(now: number): boolean {
    const told = this.#sayings.due(now);
    if (told === undefined) return false;
    this.#told = told;
    return true;
  }
}
