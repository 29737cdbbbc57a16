/**
 * The client of a node's channel, for every transport (rules C1–C5, K2): asks, commands with receipts, events from a
 * cursor. When the connection is lost it opens another, says again what was not answered and goes on from its cursors.
 */
import { CHANNEL_VERSIONS, type ClientFrame, type NodeFrame, nodeFrame } from '../channel/frames.ts';
import { PASSING, SkeinError } from '../errors.ts';
import { newId } from '../ids.ts';
import { pack, unpack } from '../light-codec.ts';
import { DEAD_MS, HEART_MS, LANE_CREDIT_STEP, LANE_MAX, MAX_FRAME, PING_MS } from '../limits.ts';
import type { Asks } from '../sessions/asks.ts';
import type { Commands } from '../sessions/commands.ts';
import { type Lane, wireError } from './lane.ts';
import { measured } from './measured.ts';
import type { ClientOptions } from './options.ts';
import { type SubscribeOptions, Subscription } from './subscription.ts';
import type { Transport } from './transport.ts';
import { Waiting } from './waiting.ts';

/** Milliseconds that acknowledgements of replies gather. They only let receipts age, so nobody waits for them. */
const ACK_MS = 100;

type Welcome = Extract<NodeFrame, { t: 'welcome' }>;

export class Client {
  readonly #options: ClientOptions;
  #transport: Transport | undefined;
  #welcome: Welcome | undefined;
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
  /** Beats of the heart since something was heard. Counted, not timed: clocks can be set, and loading one is felt. */
  #silent = 0;
  #heart: ReturnType<typeof setInterval> | undefined;
  #retrying: ReturnType<typeof setTimeout> | undefined;

  private constructor(options: ClientOptions) {
    this.#options = options;
    this.#id = options.id;
  }

  /** Connects and agrees on a version; throws `node_unreachable` or `unsupported_version`. */
  static async connect(options: ClientOptions): Promise<Client> {
    const client = new Client(options);
    try {
      await client.#open();
    } catch (error) {
      // Nobody will ever hold it: its heart must not go on beating.
      client.#fail(SkeinError.from(error));
      throw error;
    }
    return client;
  }

  /** Who answered. */
  get node(): Welcome['node'] {
    if (this.#welcome === undefined) throw new SkeinError('node_unreachable', 'Not connected to a node.');
    return this.#welcome.node;
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
    this.#lanes.set(lane, owner);
    this.#send(owner.open());
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
    const bytes = measured(frame, this.#welcome?.limits.frame ?? MAX_FRAME);
    const answer = table.add(number, frame);
    this.#transport?.send(bytes);
    return answer;
  }

  /** @returns whether the lane was open */
  #forget(lane: number): boolean {
    this.#owed.delete(lane);
    return this.#lanes.delete(lane);
  }

  /** Between connections nothing is sent: what waits for an answer is said again on the next. */
  #send(frame: ClientFrame): void {
    this.#transport?.send(pack(frame));
  }

  async #open(): Promise<void> {
    const { connect, name, version, proof, eager } = this.#options;
    let settle: { resolve: () => void; reject: (error: Error) => void } | undefined;
    const agreed = new Promise<void>((resolve, reject) => {
      settle = { resolve, reject };
    });
    agreed.catch(() => {});
    const transport = await connect({
      message: (bytes) => {
        this.#silent = 0;
        try {
          const frame = nodeFrame(unpack(bytes), '');
          if (frame.t === 'welcome') {
            this.#welcome = frame;
            settle?.resolve();
          } else if (frame.t === 'refused') settle?.reject(wireError(frame.error));
          else this.#receive(frame);
        } catch (error) {
          settle?.reject(SkeinError.from(error));
          this.#transport?.close();
        }
      },
      closed: (error) => {
        const lost = new SkeinError(
          'node_unreachable',
          `The connection to the node was lost${error ? `: ${error.message}` : ''}.`,
        );
        settle?.reject(lost);
        // Before the welcome it is whoever opens that tries again, once; the transport may not even be ours yet.
        if (this.#welcome !== undefined && this.#transport === transport) this.#lost(lost);
      },
    });
    if (this.#closed) {
      // Closed while it was being opened: nobody would close it any more.
      transport.close();
      throw this.#closed;
    }
    this.#transport = transport;
    // The answer is not waited for: with a single version there is nothing that it could change in what follows.
    const who = { client: { name, version }, ...(proof === undefined ? {} : { proof }) };
    this.#send({ t: 'hello', versions: CHANNEL_VERSIONS, ...who });
    for (const frame of [...this.#asks.frames, ...this.#commands.frames]) this.#send(frame);
    // A lane begins anew, with all of its window.
    this.#owed.clear();
    for (const lane of this.#lanes.values()) this.#send(lane.open());
    this.#silent = 0;
    this.#heart ??= setInterval(() => this.#beat(), HEART_MS);
    (this.#heart as { unref?: () => void }).unref?.();
    const settled = agreed.catch((error) => {
      this.#transport = undefined;
      transport.close();
      if (eager === true) this.#fail(error);
      else throw error;
    });
    if (eager !== true) await settled;
  }

  /** A silent connection is asked for a sign of life, and given up when none comes (C4). */
  #beat(): void {
    const silent = ++this.#silent * HEART_MS;
    if (silent >= DEAD_MS) this.#transport?.close();
    else if (silent % PING_MS === 0 && this.#welcome !== undefined) this.#send({ t: 'ping', n: 0 });
  }

  #receive(frame: NodeFrame): void {
    switch (frame.t) {
      case 'answer':
        return this.#asks.settle(frame.n, frame.body, frame.error);
      case 'reply':
        this.#commands.settle(frame.id.seq, frame.body, frame.error);
        this.#acking ??= soon(() => this.#acknowledge());
        return;
      case 'ping':
        // Whoever asks and does not take the answers is not worth the room for them.
        if ((this.#transport?.buffered ?? 0) < LANE_MAX) this.#send({ t: 'pong', n: frame.n });
        return;
      case 'pong':
      case 'welcome':
      case 'refused':
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
  #acknowledge(): void {
    clearTimeout(this.#acking);
    this.#acking = undefined;
    if (this.#id === undefined) return;
    const upTo = this.#commands.size > 0 ? this.#commands.lowest - 1 : this.#seq;
    if (upTo <= this.#acked) return;
    this.#acked = upTo;
    this.#send({ t: 'ack', client: this.#id, seq: upTo });
  }

  #lost(error: SkeinError): void {
    this.#welcome = undefined;
    this.#transport = undefined;
    if (this.#closed) return;
    const retryFor = this.#options.retryFor ?? 0;
    if (retryFor <= 0) return this.#fail(error);
    this.#options.onConnection?.('lost');
    void this.#retry(performance.now() + retryFor, 20);
  }

  async #retry(deadline: number, pause: number): Promise<void> {
    try {
      await this.#open();
      if (!this.#closed) this.#options.onConnection?.('back');
    } catch (thrown) {
      if (this.#closed) return;
      const error = SkeinError.from(thrown);
      if (!PASSING.includes(error.code) || performance.now() >= deadline) return this.#fail(error);
      this.#retrying = setTimeout(() => void this.#retry(deadline, Math.min(pause * 2, 1000)), pause);
    }
  }

  #fail(error: SkeinError): void {
    if (this.#closed) return;
    this.#acknowledge();
    this.#closed = error;
    clearInterval(this.#heart);
    clearTimeout(this.#retrying);
    this.#asks.rejectAll(error);
    this.#commands.rejectAll(error);
    for (const lane of this.#lanes.values()) lane.failed(error);
    this.#lanes.clear();
    this.#owed.clear();
    this.#transport?.close();
  }
}

/** Calls when the present rush may be over; keeps no program from ending. */
function soon(call: () => void): ReturnType<typeof setTimeout> {
  const timer = setTimeout(call, ACK_MS);
  (timer as { unref?: () => void }).unref?.();
  return timer;
}
