/**
 * One channel on the node's side (rules C1–C5, K1, K2): agrees on a version, then serves asks, commands and lanes. A
 * frame that does not parse gets a typed error and closes it.
 */
import {
  CHANNEL_VERSIONS,
  type ClientFrame,
  clientFrame,
  type NodeFrame,
  type WireError,
} from '@skein/protocol/channel/frames';
import { pack, unpack } from '@skein/protocol/codec';
import { SkeinError } from '@skein/protocol/errors';
import { DEAD_MS, LANE_WINDOW, MAX_FRAME, MAX_LANES, PING_MS } from '@skein/protocol/limits';
import type { WebSocket } from 'ws';
import type { KernelApi } from '../kernel/types.ts';
import { BlobLane } from './blob-lane.ts';
import { EventLane } from './event-lane.ts';
import type { Lane, LaneContext } from './lane.ts';

/** Milliseconds in which a connection must say hello. */
const HELLO_MS = 5_000;
/** Bytes that may wait to be sent before a connection's reading stops: answers cannot pile up behind a reader that is stuck. */
const SEND_MAX = 1024 * 1024;
/** Milliseconds that a peer has to answer a close. */
const CLOSE_MS = 1_000;
/** Asks and commands under way at once; further ones wait unread. */
const MAX_WORK = 256;

export interface ConnectionContext {
  kernel: KernelApi;
  node: { id: string; version: string };
  ask(type: string, body: unknown, aborted: AbortSignal): Promise<unknown>;
  openTerminal(frame: Extract<ClientFrame, { t: 'open' }>, lane: LaneContext): Lane;
}

export class Connection {
  readonly #socket: WebSocket;
  readonly #context: ConnectionContext;
  readonly #lanes = new Map<number, Lane>();
  readonly #aborted = new AbortController();
  readonly #beat: NodeJS.Timeout;
  readonly #closed: () => void;
  #greeted = false;
  #lastHeard = performance.now();
  #work = 0;
  /** Whose proof this connection has given; a local socket's is its file permission. */
  readonly #by = { kind: 'owner', via: 'local' };

  constructor(socket: WebSocket, context: ConnectionContext, closed: () => void) {
    this.#socket = socket;
    this.#context = context;
    this.#closed = closed;
    const hello = setTimeout(() => {
      if (!this.#greeted) this.#fail(new SkeinError('timeout', 'A channel begins with hello.'));
    }, HELLO_MS);
    this.#beat = setInterval(() => this.#onBeat(), PING_MS);
    socket.on('message', (data: Uint8Array, binary: boolean) => this.#message(data, binary));
    socket.on('error', () => this.#socketError());
    socket.on('close', () => {
      clearTimeout(hello);
      clearInterval(this.#beat);
      this.#aborted.abort();
      for (const lane of this.#lanes.values()) lane.close();
      this.#lanes.clear();
      this.#closed();
    });
  }

  close(): void {
    this.#socket.close(1001);
  }

  /** ws has begun to close by then, with 1009 for a frame past the limit, refused before it takes memory (C5). */
  #socketError(): void {
    setTimeout(() => this.#socket.terminate(), CLOSE_MS).unref();
  }

  #message(data: Uint8Array, binary: boolean): void {
    this.#lastHeard = performance.now();
    try {
      if (!binary) throw new SkeinError('bad_frame', 'Frames are binary.');
      const frame = clientFrame(unpack(data), '');
      if (frame.t === 'hello') this.#hello(frame);
      else if (!this.#greeted) throw new SkeinError('bad_frame', 'A channel begins with hello.');
      else this.#frame(frame);
    } catch (error) {
      this.#fail(SkeinError.from(error));
    }
  }

  #hello(frame: Extract<ClientFrame, { t: 'hello' }>): void {
    const version = CHANNEL_VERSIONS.find((v) => frame.versions.includes(v));
    if (version === undefined) {
      const error = new SkeinError(
        'unsupported_version',
        `This node speaks versions ${CHANNEL_VERSIONS.join(', ')} of the channel.`,
        {
          versions: CHANNEL_VERSIONS,
        },
      );
      return this.#fail(error);
    }
    this.#greeted = true;
    this.#send({
      t: 'welcome',
      version,
      node: { ...this.#context.node, pid: process.pid },
      limits: { frame: MAX_FRAME, lanes: MAX_LANES, window: LANE_WINDOW },
    });
  }

  #frame(frame: Exclude<ClientFrame, { t: 'hello' }>): void {
    switch (frame.t) {
      case 'ask':
        return void this.#during(this.#ask(frame));
      case 'cmd':
        return void this.#during(this.#command(frame));
      case 'ack':
        return this.#context.kernel.ack(frame.client, frame.seq);
      case 'sub':
        return this.#open(frame.lane, (lane) => new EventLane(this.#context.kernel, frame, lane));
      case 'open':
        return this.#open(frame.lane, (lane) => this.#context.openTerminal(frame, lane));
      case 'fetch':
        return this.#open(frame.lane, (lane) => new BlobLane(this.#context.kernel, frame, lane));
      case 'data':
        return this.#lanes.get(frame.lane)?.data?.(frame.bytes);
      case 'credit':
        return this.#lanes.get(frame.lane)?.credit(frame.bytes);
      case 'close':
        this.#lanes.get(frame.lane)?.close();
        this.#lanes.delete(frame.lane);
        return;
      case 'ping':
        return this.#send({ t: 'pong', n: frame.n });
      case 'pong':
        return;
    }
  }

  async #ask({ n, type, body }: Extract<ClientFrame, { t: 'ask' }>): Promise<void> {
    try {
      this.#send({
        t: 'answer',
        n,
        body: (await this.#context.ask(type, body, this.#aborted.signal)) ?? null,
      });
    } catch (error) {
      this.#send({ t: 'answer', n, error: wire(SkeinError.from(error)) });
    }
  }

  async #command({ id, target, type, body }: Extract<ClientFrame, { t: 'cmd' }>): Promise<void> {
    const reply = await this.#context.kernel.execute(this.#by, { id, target, type, body });
    if (reply.ok) this.#send({ t: 'reply', id, body: reply.value ?? null });
    else this.#send({ t: 'reply', id, error: wire(SkeinError.fromBody(reply.error)) });
  }

  /** Counts work under way: past the limit nothing more is read, so that a flood waits in its sender (C2). */
  async #during(work: Promise<void>): Promise<void> {
    if (++this.#work === MAX_WORK) this.#socket.pause();
    await work;
    if (this.#work-- === MAX_WORK && this.#socket.bufferedAmount < SEND_MAX) this.#socket.resume();
  }

  #open(number: number, make: (lane: LaneContext) => Lane): void {
    if (this.#lanes.has(number)) throw new SkeinError('bad_frame', `Lane ${number} is open already.`);
    if (this.#lanes.size >= MAX_LANES) {
      const error = new SkeinError('mailbox_full', `A connection has at most ${MAX_LANES} lanes.`);
      return this.#send({ t: 'end', lane: number, error: wire(error) });
    }
    const context: LaneContext = {
      lane: number,
      send: (frame) => this.#send(frame),
      end: (error) => {
        if (!this.#lanes.delete(number)) return;
        this.#send(
          error === undefined ? { t: 'end', lane: number } : { t: 'end', lane: number, error: wire(error) },
        );
      },
    };
    // In the table before it runs: it may end at once.
    const lane = make(context);
    this.#lanes.set(number, lane);
    lane.start();
  }

  #onBeat(): void {
    const silent = performance.now() - this.#lastHeard;
    if (silent >= DEAD_MS) this.#socket.terminate();
    else if (silent >= PING_MS && this.#greeted) this.#send({ t: 'ping', n: 0 });
  }

  #send(frame: NodeFrame): void {
    if (this.#socket.readyState !== this.#socket.OPEN) return;
    this.#socket.send(pack(frame), () => {
      if (this.#socket.isPaused && this.#work < MAX_WORK && this.#socket.bufferedAmount < SEND_MAX)
        this.#socket.resume();
    });
    // Replies to a peer that does not read must not pile up: stop reading its requests.
    if (this.#socket.bufferedAmount > SEND_MAX) this.#socket.pause();
  }

  #fail(error: SkeinError): void {
    this.#send({ t: 'refused', error: wire(error), versions: CHANNEL_VERSIONS });
    this.#socket.close(1002, error.code);
    // A peer that does not answer the close is not waited for.
    setTimeout(() => this.#socket.terminate(), CLOSE_MS).unref();
  }
}

function wire(error: SkeinError): WireError {
  return error.toBody();
}
