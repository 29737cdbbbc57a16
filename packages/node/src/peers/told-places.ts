/**
 * Keeps where the nodes that are known say they are found (rule M5): what they said once is of use after a restart. Each may
 * say so as often as it likes, but not fill the log with it (C5).
 */
import { Seldom } from '../mesh/peers/seldom.ts';
import type { Whereabouts } from '../mesh/tunnels/frames.ts';

/** Sayings of one node that are kept at once, and the milliseconds after which one more is. */
const AT_ONCE = 4;
const EACH_MS = 10 * 60_000;
/** Milliseconds between looks at those that have waited. */
const LOOK_MS = 60_000;

interface ToldPlacesContext {
  /** Whether it is worth keeping. */
  isNews(peer: string, places: Whereabouts): boolean;
  keep(peer: string, places: Whereabouts): void;
}

export class ToldPlaces {
  readonly #context: ToldPlacesContext;
  /** By PeerId; of nodes that had news alone, which are known and therefore few. */
  readonly #sayings = new Map<string, Seldom<Whereabouts>>();
  #timer: NodeJS.Timeout | undefined;

  constructor(context: ToldPlacesContext) {
    this.#context = context;
  }

  tell(peer: string, places: Whereabouts, now: number): void {
    const before = this.#sayings.get(peer);
    // What is known already still takes the place of what waits.
    if (before?.waits !== true && !this.#context.isNews(peer, places)) return;
    const sayings = before ?? new Seldom<Whereabouts>(AT_ONCE, EACH_MS);
    this.#sayings.set(peer, sayings);
    sayings.say(places);
    this.look(now);
  }

  /** Keeps what is due. */
  look(now: number): void {
    clearTimeout(this.#timer);
    for (const [peer, sayings] of this.#sayings) {
      const places = sayings.due(now);
      if (places !== undefined) this.#context.keep(peer, places);
    }
    if (![...this.#sayings.values()].some(({ waits }) => waits)) return;
    this.#timer = setTimeout(() => this.look(performance.now()), LOOK_MS);
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#sayings.clear();
  }
}
