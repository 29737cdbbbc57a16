/**
 * Hosts' names, looked up so that one that no server answers for holds up no other (rules C4, M5): the system looks up few at
 * a time, and lets nobody give one up. So none is asked for twice at once, and one that was known is found where it was.
 */
import { type LookupAddress, lookup } from 'node:dns';
import type { LookupFunction } from 'node:net';

/** Milliseconds after which a name that was known before is taken for what it was. */
const PATIENCE_MS = 1_000;
/** Names whose addresses are remembered: the one that was found longest ago goes first. */
const KNOWN_MAX = 256;

type Answer = (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void;
type AskSystem = (
  name: string,
  options: { all: true; family?: number; hints?: number },
  answer: Answer,
) => void;

export class HostNames {
  readonly #ask: AskSystem;
  /** Those who wait for a name that the system was asked for. */
  readonly #asked = new Map<string, Set<Answer>>();
  readonly #known = new Map<string, LookupAddress[]>();

  constructor(ask: AskSystem = lookup) {
    this.#ask = ask;
  }

  /** As sockets want it. */
  readonly lookup: LookupFunction = (name, { all, ...options }, callback) => {
    const family = options.family === 'IPv4' ? 4 : options.family === 'IPv6' ? 6 : options.family;
    const how = {
      ...(family === undefined ? {} : { family }),
      ...(options.hints === undefined ? {} : { hints: options.hints }),
    };
    this.#find(name, how, (error, addresses) => {
      const [first] = addresses;
      if (error !== null || first === undefined) callback(error ?? notFound(name), '', 0);
      else if (all === true) callback(null, addresses);
      else callback(null, first.address, first.family);
    });
  };

  #find(name: string, how: { family?: number; hints?: number }, answer: Answer): void {
    const key = `${name} ${how.family ?? 0} ${how.hints ?? 0}`;
    const waiting = this.#asked.get(key) ?? new Set();
    // Late is late for each who asks: they give up after seconds, the system after tens of them.
    const late = setTimeout(() => {
      const known = this.#known.get(key);
      if (known !== undefined && waiting.delete(once)) answer(null, known);
    }, PATIENCE_MS);
    const once: Answer = (error, addresses) => {
      clearTimeout(late);
      answer(error, addresses);
    };
    waiting.add(once);
    if (this.#asked.has(key)) return;
    this.#asked.set(key, waiting);
    this.#ask(name, { all: true, ...how }, (error, addresses) => {
      this.#asked.delete(key);
      if (error === null) this.#keep(key, addresses);
      // No server could say: what was true is likelier than nothing.
      const known = error?.code === 'EAI_AGAIN' ? this.#known.get(key) : undefined;
      for (const one of waiting) known === undefined ? one(error, addresses ?? []) : one(null, known);
    });
  }

  #keep(key: string, addresses: LookupAddress[]): void {
    this.#known.delete(key);
    this.#known.set(key, addresses);
    for (const oldest of this.#known.keys()) {
      if (this.#known.size <= KNOWN_MAX) break;
      this.#known.delete(oldest);
    }
  }
}

function notFound(name: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`getaddrinfo ENOTFOUND ${name}`), { code: 'ENOTFOUND' });
}

/** The process has one pool for that, and so this once. */
export const lookupHost = new HostNames().lookup;
