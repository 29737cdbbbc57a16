/** One lasting connection to another node, for all agents that run there: opened again for ever while anybody needs it (rules C4, M5). */
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from '@skein/protocol/client/client';
import { SkeinError } from '@skein/protocol/errors';
import { connectorOf } from '../../peers/far-client.ts';
import { addressOf, type Meshed } from '../../peers/meshed.ts';
import { byName } from '../../peers/plain-words.ts';

/** Milliseconds for one try to find a path; and between two tries, doubling from the first to the last. */
const OPEN_MS = 10_000;
const SOON_MS = 50;
const LATER_MS = 5_000;

export interface PeerContext {
  meshed: Meshed;
  version: string;
}

/** What is done over the connection as long as there is one; `over` is aborted when it is lost. */
export type Served = (client: Client, over: AbortSignal) => void;

export class FarPeer {
  readonly peer: string;
  readonly #context: PeerContext;
  readonly #served = new Set<Served>();
  readonly #stopped = new AbortController();
  #up: { client: Client; over: AbortController } | undefined;
  #running = false;
  /** Why it could not be had the last time. */
  why: string | null = null;

  constructor(context: PeerContext, peer: string) {
    this.#context = context;
    this.peer = peer;
  }

  get isUp(): boolean {
    return this.#up !== undefined;
  }

  get client(): Client | undefined {
    return this.#up?.client;
  }

  get idle(): boolean {
    return this.#served.size === 0;
  }

  /** Calls with each connection, the present one at once. Returns how to stop. */
  serve(served: Served): () => void {
    this.#served.add(served);
    if (this.#up !== undefined && !this.#up.over.signal.aborted)
      served(this.#up.client, this.#up.over.signal);
    else if (!this.#running) void this.#run();
    return () => void this.#served.delete(served);
  }

  stop(): void {
    this.#stopped.abort();
    this.#up?.over.abort();
    this.#up?.client.close();
  }

  async #run(): Promise<void> {
    this.#running = true;
    let pause = SOON_MS;
    const { signal } = this.#stopped;
    while (!signal.aborted && this.#served.size > 0) {
      const over = new AbortController();
      try {
        const client = await this.#connect(over);
        pause = SOON_MS;
        this.why = null;
        this.#up = { client, over };
        for (const served of this.#served) served(client, over.signal);
        await new Promise((resolve) => {
          if (over.signal.aborted) return resolve(undefined);
          over.signal.addEventListener('abort', resolve, { once: true });
        });
        client.close();
      } catch (thrown) {
        over.abort();
        const { known } = this.#context.meshed.state;
        this.why = byName(known[this.peer]?.name ?? 'That machine', SkeinError.from(thrown)).message;
        pause = Math.min(2 * pause, LATER_MS);
      }
      this.#up = undefined;
      await sleep(pause, undefined, { signal }).catch(() => {});
    }
    this.#running = false;
  }

  async #connect(over: AbortController): Promise<Client> {
    const { meshed, version } = this.#context;
    await meshed.settled;
    const known = meshed.known(this.peer);
    const opened = connectorOf({ mesh: meshed.mesh, to: addressOf(known), wait: OPEN_MS }, over.signal);
    const late = setTimeout(() => over.abort(), 2 * OPEN_MS);
    try {
      return await Client.connect({
        name: 'skein home',
        version,
        connect: (events) =>
          opened({
            ...events,
            closed: (error) => {
              events.closed(error);
              over.abort();
            },
          }),
      });
    } finally {
      clearTimeout(late);
    }
  }
}
