/** Brings a session's events to its model: from the first one, on over lost connections, and over a rollback of the log. */
import { wholeEvent } from '@skein/protocol/client/blobs';
import type { Client } from '@skein/protocol/client/client';
import type { Subscription } from '@skein/protocol/client/subscription';
import { SkeinError } from '@skein/protocol/errors';
import type { StoredEvent } from '@skein/protocol/sessions/events';

export interface FeedEvents {
  event(event: StoredEvent, offset: number): void;
  /** A page has been taken; `head` is the last offset there is. */
  page(at: number, head: number): void;
  /** All that there is has been read. */
  live(): void;
  /** The log is another from here on: what was read is to be forgotten. */
  startOver(): void;
}

/** Milliseconds after which others have their turn while much is read. */
const SLICE_MS = 25;

export class Feed {
  readonly #client: Client;
  readonly #stream: string;
  readonly #events: FeedEvents;
  #subscription: Subscription | undefined;
  #stopped = false;

  constructor(client: Client, stream: string, events: FeedEvents) {
    this.#client = client;
    this.#stream = stream;
    this.#events = events;
  }

  /** Until it is stopped; throws what the node refuses with. */
  async run(): Promise<void> {
    let from = 0;
    while (!this.#stopped) {
      try {
        await this.#read(from);
        return;
      } catch (thrown) {
        const { code, data } = SkeinError.from(thrown);
        const cut = code === 'cursor_before_retained';
        if (!cut && code !== 'cursor_wrong_epoch' && code !== 'cursor_past_head') throw thrown;
        from = cut && typeof data?.first === 'number' ? data.first - 1 : 0;
        this.#events.startOver();
      }
    }
  }

  stop(): void {
    this.#stopped = true;
    this.#subscription?.close();
  }

  async #read(from: number): Promise<void> {
    let live = false;
    const subscription = this.#client.subscribe({
      stream: this.#stream,
      from: { offset: from },
      follow: true,
      onLive: (head) => {
        live = true;
        // One that is empty has no page to tell it.
        if (head === from) this.#events.live();
      },
    });
    this.#subscription = subscription;
    let since = performance.now();
    for await (const { events, first, head } of subscription) {
      for (const [i, event] of events.entries()) {
        const whole = event.blob === undefined ? event : await this.#whole(first + i, event);
        if (whole !== undefined) this.#events.event(whole, first + i);
      }
      const at = first + events.length - 1;
      this.#events.page(at, head);
      if (live || at >= head) this.#events.live();
      if (performance.now() - since > SLICE_MS) {
        await new Promise((resolve) => setImmediate(resolve));
        since = performance.now();
      }
    }
  }

  /** One whose body cannot be had is passed over, as one of an unknown type is. */
  async #whole(offset: number, event: StoredEvent): Promise<StoredEvent | undefined> {
    try {
      return await wholeEvent(this.#client, this.#stream, offset, event);
    } catch (thrown) {
      if (SkeinError.from(thrown).code === 'node_unreachable') throw thrown;
      return undefined;
    }
  }
}
