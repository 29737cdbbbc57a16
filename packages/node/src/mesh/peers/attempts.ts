/**
 * Tries the ways to a peer (rule M5): direct ones first, relays soon after and all at once; the first connection that
 * proves the right PeerId wins. A try that hangs is not waited for: another begins beside it, so that a link that is
 * restored is used at once (C4).
 */
import { SkeinError } from '@skein/protocol/errors';

/** Milliseconds by which direct tries are ahead of relayed ones. */
const HEAD_START_MS = 300;
/** Milliseconds between two tries of one way while somebody waits, and while nobody does. */
const HURRIED_MS = 500;
const CALM_MS = 15_000;
/** Milliseconds after which a try that the far end has answered, and that hangs since, gets another beside it. */
const STALLED_MS = 2_000;
/** Milliseconds of one try. */
const TRY_MS = 10_000;
/** Tries of one way at once. A relay counts those that wait. */
const DIRECT_MAX = 8;
const RELAYED_MAX = 4;
/** Milliseconds between looks at what is due. */
const LOOK_MS = 100;

/**
 * - `off`: nothing is tried;
 * - `direct`: there is a relayed path; a direct one is tried from time to time;
 * - `calm`: there is no path, and nobody waits for one;
 * - `hurried`: somebody waits.
 */
export type Pursuit = 'off' | 'direct' | 'calm' | 'hurried';

export interface Route {
  /** A multiaddr, or a relay's URL. */
  key: string;
  kind: 'direct' | 'relayed';
  /** Undefined when it can be tried now; otherwise what it lacks. */
  lacks(): string | undefined;
  /** Whether it was refused since then (performance.now()), and trying on would hardly change that. */
  refused?(since: number): boolean;
  /** Resolves when there is a connection. */
  go(signal: AbortSignal, onProgress: () => void): Promise<unknown>;
}

interface Try {
  began: number;
  /** performance.now() when the far end last answered. */
  progress: number | undefined;
  readonly aborted: AbortController;
}

interface Way {
  route: Route;
  readonly tries: Set<Try>;
  /** performance.now() of the last try's beginning. */
  last: number;
  error: string | undefined;
  /** A try that has ended without an error has led there: if a way is wanted still, the far end has hung up since. */
  tried: boolean;
}

export class Attempts {
  readonly #ways = new Map<string, Way>();
  readonly #won: () => void;
  readonly #refused: () => void;
  #pursuit: Pursuit = 'off';
  #timer: NodeJS.Timeout | undefined;
  /** performance.now() when somebody began to wait. */
  #began = 0;

  /** `refused`: relays are all there is left, and each has refused; told again as long as that holds. */
  constructor(won: () => void, refused: () => void) {
    this.#won = won;
    this.#refused = refused;
  }

  /** Sets what is tried, and how eagerly; without routes they stay, and with them when each was last tried. */
  pursue(pursuit: Pursuit, routes?: readonly Route[]): void {
    if (routes !== undefined) this.#setRoutes(routes);
    if (pursuit === 'hurried' && this.#pursuit !== 'hurried') this.#began = performance.now();
    this.#pursuit = pursuit;
    if (pursuit === 'off') this.#abort(() => true);
    if (pursuit === 'direct') this.#abort((way) => way.route.kind === 'relayed');
    this.#look();
  }

  /** Something has changed: whatever is pursued is due now. */
  nudge(kind?: Route['kind']): void {
    for (const way of this.#ways.values())
      if (kind === undefined || way.route.kind === kind) way.last = Number.NEGATIVE_INFINITY;
    this.#look();
  }

  /** Why each way has failed, or what it lacks. */
  reasons(): { way: string; kind: Route['kind']; why: string }[] {
    return [...this.#ways.values()].map(({ route, error, tried, tries }) => ({
      way: route.key,
      kind: route.kind,
      why:
        route.lacks() ?? error ?? (tries.size > 0 ? 'no answer yet' : tried ? 'it hung up' : 'not tried yet'),
    }));
  }

  stop(): void {
    this.pursue('off', []);
  }

  #setRoutes(routes: readonly Route[]): void {
    const keys = new Set(routes.map((route) => route.key));
    for (const [key, way] of this.#ways) {
      if (keys.has(key)) continue;
      for (const { aborted } of way.tries) aborted.abort();
      this.#ways.delete(key);
    }
    for (const route of routes) {
      const way = this.#ways.get(route.key);
      if (way !== undefined) way.route = route;
      else
        this.#ways.set(route.key, {
          route,
          tries: new Set(),
          last: Number.NEGATIVE_INFINITY,
          error: undefined,
          tried: false,
        });
    }
  }

  #look(): void {
    clearTimeout(this.#timer);
    if (this.#pursuit === 'off') return;
    const now = performance.now();
    for (const way of this.#ways.values()) if (this.#due(way, now)) this.#begin(way, now);
    if (this.#pursuit === 'hurried' && this.#isRefused()) this.#refused();
    const soonest = this.#pursuit === 'hurried' ? LOOK_MS : CALM_MS / 10;
    this.#timer = setTimeout(() => this.#look(), soonest);
  }

  #isRefused(): boolean {
    const all = [...this.#ways.values()];
    const relayed = all.filter(({ route }) => route.kind === 'relayed');
    return (
      relayed.length > 0 &&
      relayed.every(({ route }) => route.refused?.(this.#began)) &&
      all.every(({ route, error }) => route.kind === 'relayed' || error !== undefined)
    );
  }

  #due(way: Way, now: number): boolean {
    const { kind } = way.route;
    if (way.route.lacks() !== undefined) return false;
    if (this.#pursuit === 'direct' && kind === 'relayed') return false;
    if (this.#pursuit !== 'hurried') return way.tries.size === 0 && now - way.last >= CALM_MS;
    if (kind === 'relayed' && now - this.#began < HEAD_START_MS && this.#directMayWin()) return false;
    return now - way.last >= HURRIED_MS && [...way.tries].every((one) => hangs(one, now));
  }

  /** Whether a direct try is under way, and has not failed yet. */
  #directMayWin(): boolean {
    return [...this.#ways.values()].some((way) => way.route.kind === 'direct' && way.tries.size > 0);
  }

  #begin(way: Way, now: number): void {
    // The oldest of too many has had its time.
    const [oldest] = way.tries;
    const most = way.route.kind === 'direct' ? DIRECT_MAX : RELAYED_MAX;
    if (oldest !== undefined && way.tries.size >= most) {
      way.tries.delete(oldest);
      oldest.aborted.abort();
    }
    const one: Try = { began: now, progress: undefined, aborted: new AbortController() };
    way.tries.add(one);
    way.tried = true;
    way.last = now;
    const timer = setTimeout(() => one.aborted.abort(), TRY_MS);
    const onProgress = () => {
      one.progress = performance.now();
    };
    way.route
      .go(one.aborted.signal, onProgress)
      .then(
        () => this.#succeeded(way, one),
        (error) => {
          if (way.tries.has(one)) way.error = one.aborted.signal.aborted ? 'no answer' : whyOf(error);
        },
      )
      .finally(() => {
        clearTimeout(timer);
        way.tries.delete(one);
        // The last direct one to fail lets the relays go.
        if (this.#pursuit === 'hurried') this.#look();
      });
  }

  /** The connection itself is told by libp2p; if it is one too many, it goes when it has not been used for a while. */
  #succeeded(way: Way, one: Try): void {
    if (one.aborted.signal.aborted) return;
    way.error = undefined;
    way.tries.delete(one);
    const { kind } = way.route;
    this.#abort((other) => kind === 'direct' || other.route.kind === kind);
    this.#won();
  }

  #abort(which: (way: Way) => boolean): void {
    for (const way of this.#ways.values()) {
      if (!which(way)) continue;
      const tries = [...way.tries];
      way.tries.clear();
      for (const { aborted } of tries) aborted.abort();
    }
  }
}

function hangs(one: Try, now: number): boolean {
  return one.progress === undefined ? now - one.began >= HURRIED_MS : now - one.progress >= STALLED_MS;
}

function whyOf(error: unknown): string {
  if (error instanceof SkeinError) return error.message;
  const text = error instanceof Error ? error.message : String(error);
  if (text.includes('does not match expected remote identity')) return 'another peer answered there';
  return text.slice(0, 200);
}
