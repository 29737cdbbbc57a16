/** An events lane as seen by its reader: pages from a cursor, credit given back as they are taken (rules C2, L3, L4). */
import type { ClientFrame, Cursor, NodeFrame } from '../channel/frames.ts';
import { SkeinError } from '../errors.ts';
import { LANE_MAX, LANE_WINDOW } from '../limits.ts';
import type { StoredEvent } from '../sessions/events.ts';
import { aside } from './aside.ts';
import { type Lane, wireError } from './lane.ts';

/** Bytes that a page counts for at least: an empty one takes room as well, and none of a node's has fewer. */
const PAGE_COST = 32;

export interface SubscribeOptions {
  stream: string;
  /** The offset of the last event already known; 0 for all of them. */
  from: Cursor;
  /** Whether to go on with new events once the head is reached; otherwise it ends there. */
  follow: boolean;
  /** Called each time the reader reaches the head. */
  onLive?: (head: number) => void;
}

/** Contiguous events: the first has the offset `first`. */
export interface Page {
  epoch: number;
  first: number;
  events: StoredEvent[];
  head: number;
}

interface RawPage {
  epoch: number;
  first: number;
  count: number;
  head: number;
  data: Uint8Array;
}

/** What the node is told of a reader. */
interface SubscriptionNode {
  credit(bytes: number): void;
  close(): void;
}

export class Subscription implements Lane, AsyncIterable<Page> {
  readonly #lane: number;
  readonly #options: SubscribeOptions;
  readonly #node: SubscriptionNode;
  #cursor: Cursor;
  #pages: RawPage[] = [];
  /** Bytes of pages that have come and were not taken. */
  #held = 0;
  /** Whoever waits for a page, or for the end. */
  #waiting: (() => void)[] = [];
  #ended: { error?: SkeinError } | undefined;

  constructor(lane: number, options: SubscribeOptions, node: SubscriptionNode) {
    this.#lane = lane;
    this.#options = options;
    this.#node = node;
    this.#cursor = options.from;
  }

  /** Where the reader has got to: the cursor to go on from. */
  get cursor(): Cursor {
    return this.#cursor;
  }

  open(): ClientFrame {
    // What had arrived but was not taken is asked for again: the cursor moves only with the reader.
    this.#pages = [];
    this.#held = 0;
    const { stream, follow } = this.#options;
    return { t: 'sub', lane: this.#lane, stream, from: this.#cursor, follow, credit: LANE_WINDOW };
  }

  frame(frame: NodeFrame): void {
    if (frame.t === 'page') this.#hold(frame);
    else if (frame.t === 'live') aside(() => this.#options.onLive?.(frame.head));
    else if (frame.t === 'end')
      this.#ended = frame.error === undefined ? {} : { error: wireError(frame.error) };
    this.#wake();
  }

  failed(error: SkeinError): void {
    this.#ended ??= { error };
    this.#wake();
  }

  /** A node may overdraw its credit by the page that it is at, and by no more: what it sends beyond that ends the lane (C2). */
  #hold(page: RawPage): void {
    this.#held += costOf(page);
    if (this.#held > LANE_MAX) {
      this.#node.close();
      return this.failed(new SkeinError('bad_frame', 'The node sent more events than it had credit for.'));
    }
    // A copy: as a view it would keep the whole of what it came in.
    this.#pages.push({ ...page, data: new Uint8Array(page.data) });
  }

  /** The next page, or undefined at the end. Throws what the node refused with, or `node_unreachable`. */
  async next(): Promise<Page | undefined> {
    for (;;) {
      if (this.#pages.length > 0) {
        // Only who reads events pays for the codec that reads many fast. While it loads the connection may change, and
        // what was not taken is asked for again: nothing is waited for between the taking and the cursor (L3).
        const { unpackAll } = await import('../codec.ts');
        const raw = this.#pages.shift();
        if (raw === undefined) continue;
        this.#held -= costOf(raw);
        const events = unpackAll(raw.data) as StoredEvent[];
        if (events.length !== raw.count)
          throw new SkeinError('bad_frame', 'A page does not hold the events it names.');
        this.#cursor = { epoch: raw.epoch, offset: raw.first + raw.count - 1 };
        if (this.#ended === undefined) this.#node.credit(raw.data.length);
        return { epoch: raw.epoch, first: raw.first, events, head: raw.head };
      }
      if (this.#ended !== undefined) {
        if (this.#ended.error !== undefined) throw this.#ended.error;
        return undefined;
      }
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  #wake(): void {
    for (const wake of this.#waiting.splice(0)) wake();
  }

  /** Whoever leaves it is out at once, also while another step of it waits. */
  [Symbol.asyncIterator](): AsyncIterator<Page, undefined> {
    const over = { done: true, value: undefined } as const;
    let left = false;
    const leave = () => {
      left = true;
      this.close();
      return over;
    };
    return {
      next: async () => {
        if (left) return over;
        try {
          const value = await this.next();
          return value === undefined || left ? leave() : { done: false, value };
        } catch (error) {
          leave();
          throw error;
        }
      },
      return: async () => leave(),
    };
  }

  close(): void {
    if (this.#ended !== undefined) return;
    this.#ended = {};
    this.#node.close();
    this.#wake();
  }
}

function costOf({ data }: RawPage): number {
  return Math.max(PAGE_COST, data.length);
}
