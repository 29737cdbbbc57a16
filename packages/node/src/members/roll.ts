/** Which devices are connected, and when each was last: of the moment only, and forgotten with the process. */

/** Devices that are remembered after they have gone; the one gone longest is forgotten first. */
const REMEMBERED = 4096;

export interface Seen {
  connected: boolean;
  /** Milliseconds since 1970. */
  at: number;
}

export class Roll {
  readonly #now: () => number;
  readonly #live = new Map<string, number>();
  readonly #gone = new Map<string, number>();

  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  came(device: string): void {
    this.#live.set(device, (this.#live.get(device) ?? 0) + 1);
    this.#gone.delete(device);
  }

  /** One connection of it has ended. */
  left(device: string): void {
    const live = (this.#live.get(device) ?? 1) - 1;
    if (live > 0) return void this.#live.set(device, live);
    this.#live.delete(device);
    this.#gone.set(device, this.#now());
    if (this.#gone.size <= REMEMBERED) return;
    for (const oldest of this.#gone.keys()) return void this.#gone.delete(oldest);
  }

  seen(device: string): Seen | undefined {
    if (this.#live.has(device)) return { connected: true, at: this.#now() };
    const at = this.#gone.get(device);
    return at === undefined ? undefined : { connected: false, at };
  }
}
