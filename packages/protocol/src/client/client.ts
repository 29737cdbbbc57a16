/**
 * The client of a node's channel, for every transport (rules C1–C5, K2): asks, commands with receipts, events from a
 * cursor. When the connection is lost it opens another, says again what was not answered and goes on from its cursors.
 */
import type { ClientFrame } from '../channel/frames.ts';
import { FOR_NOW, PASSING, SkeinError } from '../errors.ts';
import { newId } from '../ids.ts';
import { pack } from '../light-codec.ts';
import { LANE_CREDIT_STEP, MAX_FRAME } from '../limits.ts';
import type { Asks } from '../sessions/asks.ts';
import type { Commands } from '../sessions/commands.ts';
import { aside } from './aside.ts';
import type { Lane } from './lane.ts';
import { type HeardFrame, Link, NOT_UNDERSTOOD, type Welcome } from './link.ts';
import { measured } from './measured.ts';
import type { ClientOptions } from './options.ts';
import { type SubscribeOptions, Subscription } from './subscription.ts';
import { Waiting } from './waiting.ts';

/** Milliseconds that acknowledgements of replies gather. They only let receipts age, so nobody waits for them. */
const ACK_MS = 100;

/** Milliseconds between tries: after the first, which comes at once, and the most that they grow to. */
const FIRST_PAUSE_MS = 20;
const MOST_PAUSE_MS = 1_000;

export class Client {
  readonly #options: ClientOptions;
  /** The connection, from when its hello was sent. */
  #link: Link | undefined;
  readonly #asks = new Waiting();
  readonly #commands = new Waiting();
  #lanes = new Map<number, Lane>();
  /** Bytes consumed on each lane for which no credit was given back. */
  readonly #owed = new Map<number, number>();
  #id: string | undefined;
  #n = 0;
  #seq = 0;
  #acked = 0;
  #acking: ReturnType<typeof setTimeout> | undefined;
  #lane = 0;
  #closed: SkeinError | undefined;
  /** Until when to go on trying, and how long before the next try: kept while connections come and go at once. */
  #trying: { until: number; pause: number } | undefined;
  #retrying: ReturnType<typeof setTimeout> | undefined;

  private constructor(options: ClientOptions) {
    this.#options = options;
    this.#id = options.id;
  }

  /** Connects and agrees on a version; throws `node_unreachable` or `unsupported_version`. */
  static async connect(options: ClientOptions): Promise<Client> {
    const client = new Client(options);
    try {
      await client.#open(options.eager === true);
    } catch (error) {
      // Nobody will ever hold it: nothing of it may go on.
      client.#fail(SkeinError.from(error));
      throw error;
    }
    if (!client.#closed) options.leaving?.add(client);
    return client;
  }

  /** Who answered. */
  get node(): Welcome['node'] {
    const welcome = this.#link?.welcome;
    if (welcome === undefined) throw new SkeinError('node_unreachable', 'Not connected to a node.');
    return welcome.node;
  }

  /** Asks without changing anything; said again on a new connection when the answer was lost with the old. */
  ask<K extends keyof Asks>(type: K, body: Asks[K]['body']): Promise<Asks[K]['answer']> {
    const n = ++this.#n;
    return this.#wait(this.#asks, n, { t: 'ask', n, type, body }) as Promise<Asks[K]['answer']>;
  }

  /** Sends a command under this client's next id; resolves with the recorded reply, once durable (K2, L2). */
  command<K extends keyof Commands>(target: string, type: K, body: Commands[K]): Promise<unknown> {
    this.#id ??= newId();
    const seq = ++this.#seq;
    return this.#wait(this.#commands, seq, { t: 'cmd', id: { client: this.#id, seq }, target, type, body });
  }

  /** Events of a stream from a cursor, page by page, fed only as fast as they are taken (L3). */
  subscribe(options: SubscribeOptions): Subscription {
    const lane = ++this.#lane;
    const subscription = new Subscription(lane, options, {
      credit: (bytes) => this.credit(lane, bytes),
      close: () => this.endLane(lane),
    });
    this.addLane(lane, subscription);
    return subscription;
  }

  /** Opens a lane of its owner's own kind; the number is from `newLane`. */
  addLane(lane: number, owner: Lane): void {
    if (this.#closed) return owner.failed(this.#closed);
    try {
      const opening = measured(owner.open(), this.#most);
      this.#lanes.set(lane, owner);
      this.#link?.send(opening);
    } catch (thrown) {
      owner.failed(SkeinError.from(thrown));
    }
  }

  newLane(): number {
    return ++this.#lane;
  }

  /** Gives back what a lane's reader has consumed (C2), in steps: the window lasts for what is still owed. */
  credit(lane: number, bytes: number): void {
    if (!this.#lanes.has(lane)) return;
    const owed = (this.#owed.get(lane) ?? 0) + bytes;
    const due = owed >= LANE_CREDIT_STEP;
    this.#owed.set(lane, due ? 0 : owed);
    if (due) this.#send({ t: 'credit', lane, bytes: owed });
  }

  /** Bytes to whatever a lane was opened to. */
  laneData(lane: number, bytes: Uint8Array): void {
    if (this.#lanes.has(lane)) this.#send({ t: 'data', lane, bytes });
  }

  /** Ends a lane that its owner has done with. */
  endLane(lane: number): void {
    if (this.#forget(lane)) this.#send({ t: 'close', lane });
  }

  /** Ends the connection and everything that waits on it. */
  close(): void {
    this.#fail(new SkeinError('node_unreachable', 'The connection was closed.'));
  }

  async #wait(
    table: Waiting,
    number: number,
    frame: Extract<ClientFrame, { type: string }>,
  ): Promise<unknown> {
    if (this.#closed) throw this.#closed;
    const bytes = measured(frame, this.#most);
    const answer = table.add(number, frame);
    this.#link?.send(bytes);
    return answer;
  }

  /** Bytes of the largest frame that may be sent. */
  get #most(): number {
    return this.#link?.welcome?.limits.frame ?? MAX_FRAME;
  }

  /** @returns whether the lane was open */
  #forget(lane: number): boolean {
    this.#owed.delete(lane);
    return this.#lanes.delete(lane);
  }

  /** Between connections nothing is sent: what waits for an answer is said again on the next. */
  #send(frame: ClientFrame): void {
    this.#link?.send(pack(frame));
  }

  async #open(eager: boolean): Promise<void> {
    const link = await Link.open(this.#options, {
      frame: (frame) => this.#receive(frame),
      // Before the welcome it is whoever opens that tries again, once.
      over: (over, error) => {
        if (over === this.#link && over.welcome !== undefined) this.#lost(over, error);
      },
    });
    // Closed while it was being opened: nobody would close it any more.
    if (this.#closed) link.end(this.#closed);
    if (link.ended !== undefined) throw link.ended;
    this.#link = link;
    link.greet(this.#options);
    for (const frame of [...this.#asks.frames, ...this.#commands.frames]) this.#send(frame);
    // A lane begins anew, with all of its window.
    this.#owed.clear();
    for (const lane of this.#lanes.values()) this.#send(lane.open());
    // What was acknowledged may have been lost with the old.
    this.#acked = 0;
    if (this.#seq > 0) this.#acking ??= soon(() => this.acknowledge());
    const settled = link.agreed.then(
      () => {},
      (error) => {
        if (this.#link === link) this.#link = undefined;
        if (eager) this.#fail(error);
        else throw error;
      },
    );
    if (!eager) await settled;
  }

  #receive(frame: HeardFrame): void {
    switch (frame.t) {
      case 'answer':
        return this.#asks.settle(frame.n, frame.body, frame.error);
      case 'reply':
        this.#commands.settle(frame.id.seq, frame.body, frame.error);
        this.#acking ??= soon(() => this.acknowledge());
        return;
      case 'end':
        this.#lanes.get(frame.lane)?.frame(frame);
        this.#forget(frame.lane);
        return;
      default:
        this.#lanes.get(frame.lane)?.frame(frame);
    }
  }

  /** Replies up to here have arrived and will not be asked for again, so their receipts may age (K2). */
  acknowledge(): void {
    clearTimeout(this.#acking);
    this.#acking = undefined;
    if (this.#id === undefined || this.#link === undefined) return;
    const upTo = this.#commands.size > 0 ? this.#commands.lowest - 1 : this.#seq;
    if (upTo <= this.#acked) return;
    this.#acked = upTo;
    this.#send({ t: 'ack', client: this.#id, seq: upTo });
  }

  #lost(link: Link, error: SkeinError): void {
    this.#link = undefined;
    if (this.#closed) return;
    const retryFor = this.#options.retryFor ?? 0;
    const now = performance.now();
    // One that is lost again and again, as soon as it is there, is no way out of trying; but one that brought something is.
    if (this.#trying === undefined || link.lasted) this.#trying = { until: now + retryFor, pause: 0 };
    else if (link.told) this.#trying = { until: now + retryFor, pause: FIRST_PAUSE_MS };
    if (retryFor <= 0 || now >= this.#trying.until || NOT_UNDERSTOOD.includes(error.code))
      return this.#fail(error);
    this.#tell('lost');
    this.#again(this.#trying);
  }

  #again(trying: { until: number; pause: number }): void {
    const { pause } = trying;
    trying.pause = Math.min(Math.max(FIRST_PAUSE_MS, pause * 2), MOST_PAUSE_MS);
    if (pause === 0) void this.#retry(trying);
    else this.#retrying = setTimeout(() => void this.#retry(trying), pause);
  }

  async #retry(trying: { until: number; pause: number }): Promise<void> {
    try {
      // Its questions wait already: whether the node agrees decides whether to try once more.
      await this.#open(false);
      if (this.#link !== undefined) this.#tell('back');
    } catch (thrown) {
      if (this.#closed) return;
      const error = SkeinError.from(thrown);
      const mayPass = PASSING.includes(error.code) || FOR_NOW.includes(error.code);
      if (!mayPass || performance.now() >= trying.until) return this.#fail(error);
      this.#again(trying);
    }
  }

  #tell(state: 'lost' | 'back'): void {
    aside(() => this.#options.onConnection?.(state));
  }

  #fail(error: SkeinError): void {
    if (this.#closed) return;
    this.acknowledge();
    this.#options.leaving?.delete(this);
    this.#closed = error;
    clearTimeout(this.#retrying);
    this.#asks.rejectAll(error);
    this.#commands.rejectAll(error);
    for (const lane of this.#lanes.values()) lane.failed(error);
    this.#lanes.clear();
    this.#owed.clear();
    this.#link?.end(error);
    this.#link = undefined;
  }
}

/** Calls when the present rush may be over; keeps no program from ending. */
function soon(call: () => void): ReturnType<typeof setTimeout> {
  const timer = setTimeout(call, ACK_MS);
  (timer as { unref?: () => void }).unref?.();
  return timer;
}
