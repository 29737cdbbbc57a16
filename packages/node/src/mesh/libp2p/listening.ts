/**
 * Where the mesh listens (rule M5). Each place has a state of its own: one that cannot be had now, as in another network or
 * before the machine has its address, keeps no other from being had, and is tried again.
 */
import type { Listener } from '@libp2p/interface';
import { SkeinError } from '@skein/protocol/errors';
import { byReach, directAddresses, listenAddress } from '../addresses.ts';

/** Milliseconds until the places that could not be had are tried again. */
const AGAIN_MS = 3_000;

interface Place {
  /** As it was given. */
  readonly text: string;
  listener: Listener | undefined;
  /** Why it could not be had when it was last tried. */
  error: string | undefined;
}

interface ListeningContext {
  newListener(): Listener;
  /** A place was had that could not be had before. */
  changed(): void;
}

export class Listening {
  readonly #context: ListeningContext;
  /** By multiaddr, or by what was given instead of one. */
  #places = new Map<string, Place>();
  #timer: NodeJS.Timeout | undefined;
  /** What is being done; the next waits for it. */
  #work: Promise<void> = Promise.resolve();

  constructor(context: ListeningContext) {
    this.#context = context;
  }

  /** Multiaddrs where it listens, without PeerId; those that others can reach first. */
  get addresses(): string[] {
    const all = [...this.#places.values()].flatMap(({ listener }) => listener?.getAddrs() ?? []);
    return directAddresses(byReach(all.map((address) => address.toString())));
  }

  /** Why it does not listen, a sentence for each place that could not be had. */
  get errors(): string[] {
    return [...this.#places.values()].flatMap(({ error }) => error ?? []);
  }

  /** Listens there and nowhere else; resolves when each place was tried. */
  async listen(texts: readonly string[]): Promise<void> {
    const wanted = new Map(texts.map((text) => [keyOf(text), text]));
    await this.#inTurn(async () => {
      const before = this.#places;
      const place = (text: string): Place => ({ text, listener: undefined, error: undefined });
      this.#places = new Map([...wanted].map(([key, text]) => [key, before.get(key) ?? place(text)]));
      const left = [...before].filter(([key]) => !wanted.has(key));
      await Promise.allSettled(left.map(([, { listener }]) => listener?.close()));
      await this.#tryMissing();
    });
  }

  async #tryMissing(): Promise<boolean> {
    clearTimeout(this.#timer);
    const missing = [...this.#places.values()].filter(({ listener }) => listener === undefined);
    await Promise.all(missing.map((place) => this.#try(place)));
    const had = missing.filter(({ listener }) => listener !== undefined).length;
    if (had < missing.length) this.#timer = setTimeout(() => this.#again(), AGAIN_MS);
    return had > 0;
  }

  #again(): void {
    void this.#inTurn(async () => {
      if (await this.#tryMissing()) this.#context.changed();
    });
  }

  async #try(place: Place): Promise<void> {
    const listener = this.#context.newListener();
    try {
      await listener.listen(listenAddress(place.text));
      place.listener = listener;
      place.error = undefined;
    } catch (error) {
      place.error = error instanceof SkeinError ? error.message : notListening(place.text, error);
    }
  }

  #inTurn(work: () => Promise<void>): Promise<void> {
    this.#work = this.#work.then(work);
    return this.#work;
  }
}

function keyOf(text: string): string {
  try {
    return listenAddress(text).toString();
  } catch {
    return text;
  }
}

/** Why it cannot listen there, by what the system called it. */
function notListening(place: string, error: unknown): string {
  const why = (error as NodeJS.ErrnoException).code;
  if (why === 'EADDRINUSE')
    return `The port of ${place} is taken by another program. Choose another: 0 takes any that is free.`;
  if (why === 'EACCES') return `You may not listen on ${place}. Choose a port above 1023.`;
  if (why === 'EADDRNOTAVAIL') return `${place} is no address of this machine.`;
  return `This machine does not let Skein listen on ${place} (${why ?? 'refused'}).`;
}
