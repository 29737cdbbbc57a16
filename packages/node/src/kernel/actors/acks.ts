/** The clients' acknowledgements and what follows from them: gathered, written down once a second, and swept up (K2). */

import type { Clients } from './clients.ts';

/** Milliseconds that acknowledgements gather. One lost in a crash is made good by the client's next. */
const ACK_MS = 1000;

/** Milliseconds between sweeps of receipts. */
const SWEEP_MS = 3_600_000;

interface AcksOptions {
  write(acks: [number, number][]): Promise<unknown>;
  /** Deletes the receipts whose time has come. */
  sweep(): Promise<number>;
}

export class Acks {
  readonly #clients: Clients;
  readonly #options: AcksOptions;
  readonly #sweeper: NodeJS.Timeout;
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(clients: Clients, options: AcksOptions) {
    this.#clients = clients;
    this.#options = options;
    this.#sweeper = setInterval(() => void this.sweep().catch(() => {}), SWEEP_MS).unref();
  }

  add(client: string, seq: number): void {
    if (this.#stopped) return;
    const known = this.#clients.known(client);
    if (!known) {
      this.#clients.load(client).then(
        () => this.add(client, seq),
        () => {},
      );
      return;
    }
    known.acked = Math.max(known.acked, Math.min(seq, known.last));
    this.#timer ??= setTimeout(() => void this.flush().catch(() => {}), ACK_MS).unref();
  }

  async flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const acked = [...this.#clients.all()].filter((client) => client.acked > 0);
    // Of one that was only turned away no receipt is there to age; it must not be held on to for it.
    for (const client of acked) if (!client.stored && client.running.size === 0) client.acked = 0;
    const due = acked.filter((client) => client.stored);
    if (due.length === 0) return;
    const acks = due.map(({ number, acked }): [number, number] => [number, acked]);
    for (const client of due) client.acked = 0;
    await this.#options.write(acks);
  }

  /** Returns how many receipts went. */
  async sweep(): Promise<number> {
    await this.flush();
    return this.#options.sweep();
  }

  stop(): void {
    this.#stopped = true;
    clearInterval(this.#sweeper);
    clearTimeout(this.#timer);
  }
}
