/** A session's events as they come, and waiting for them. */
import type { Client } from '@skein/protocol/client/client';
import type { Subscription } from '@skein/protocol/client/subscription';
import type { StoredEvent } from '@skein/protocol/sessions/events';
import { PATIENCE } from '../wire.ts';

/** An event whose body is looked into by name. */
export interface Seen extends Omit<StoredEvent, 'body'> {
  // biome-ignore lint/suspicious/noExplicitAny: bodies of all kinds of events, looked into by name.
  body: Record<string, any>;
}

export class Log {
  readonly session: string;
  readonly events: Seen[] = [];
  readonly #subscription: Subscription;
  readonly #watchers = new Set<() => void>();
  readonly #patience: number;
  #ended: unknown;
  #stopped = false;

  /** `patience`: milliseconds that anything is waited for. */
  constructor(client: Client, session: string, patience = PATIENCE) {
    this.session = session;
    this.#patience = patience;
    const from = { epoch: 0, offset: 0 };
    this.#subscription = client.subscribe({ stream: `session/${session}`, from, follow: true });
    void this.#read();
  }

  /** The first event from the index `from` on that `wanted` takes, when it is there. */
  async until<T>(what: string, wanted: (event: Seen) => T | undefined | false, from = 0): Promise<T> {
    const deadline = performance.now() + this.#patience;
    for (let at = from; ; at++) {
      while (at >= this.events.length) {
        const late = performance.now() > deadline;
        if (late || this.#ended !== undefined)
          throw new Error(`waiting for ${what}: ${this.#ended ?? 'it did not come'}\n${this.tail()}`);
        await this.#change(deadline);
      }
      const found = wanted(this.events[at] as Seen);
      if (found !== undefined && found !== false) return found;
    }
  }

  stop(): void {
    this.#stopped = true;
    this.#subscription.close();
  }

  async #read(): Promise<void> {
    try {
      for await (const { events } of this.#subscription) {
        this.events.push(...(events as Seen[]));
        this.#wake();
      }
    } catch (error) {
      if (!this.#stopped) this.#ended = error;
      this.#wake();
    }
  }

  #wake(): void {
    for (const watcher of [...this.#watchers]) watcher();
  }

  #change(deadline: number): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        this.#watchers.delete(done);
        resolve();
      };
      const timer = setTimeout(done, Math.max(0, deadline - performance.now()));
      this.#watchers.add(done);
    });
  }

  /** The last events, for a message. */
  tail(): string {
    return this.events
      .slice(-20)
      .map(({ type, body }) => `${type} ${JSON.stringify(body).slice(0, 300)}`)
      .join('\n');
  }
}
