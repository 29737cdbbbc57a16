/** Gathers the clients' acknowledgements, so that writing them down costs a transaction a second at most (K2). */
import type { Clients } from './clients.ts';

/** Milliseconds that acknowledgements gather. One lost in a crash is made good by the client's next. */
const ACK_MS = 1000;

export class Acks {
  readonly #clients: Clients;
  readonly #write: (acks: [number, number][]) => Promise<unknown>;
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(clients: Clients, write: (acks: [number, number][]) => Promise<unknown>) {
    this.#clients = clients;
    this.#write = write;
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
    const due = [...this.#clients.all()].filter(({ acked, stored }) => acked > 0 && stored);
    if (due.length === 0) return;
    const acks = due.map(({ number, acked }): [number, number] => [number, acked]);
    for (const client of due) client.acked = 0;
    await this.#write(acks);
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }
}
