/**
 * One channel on the node's side (rules C1–C5, K1, K2): agrees on a version, then serves asks, commands and lanes. A
 * frame that does not parse gets a typed error and closes it.
 */
import {
  CHANNEL_VERSIONS,
  type ClientFrame,
  clientFrame,
  MAX_MESSAGE,
  type NodeFrame,
  type WireError,
} from '@skein/protocol/channel/frames';
import { isFrame, pack, unpackFrame } from '@skein/protocol/codec';
import { SkeinError } from '@skein/protocol/errors';
import {
  DEAD_MS,
  HEART_MS,
  LANE_WINDOW,
  MAX_FRAME,
  MAX_HELLO,
  MAX_LANES,
  PING_MS,
} from '@skein/protocol/limits';
import type { KernelApi } from '../kernel/types.ts';
import { BlobLane } from './blob-lane.ts';
import { EventLane } from './event-lane.ts';
import { Lanes } from './lanes.ts';
import type { Pipe, PipeEvents } from './pipe.ts';
import { UnderWay } from './under-way.ts';
import type { Caller, Frame, Visit, Visits } from './visit.ts';

/** Milliseconds in which a connection must say hello. */
const HELLO_MS = 5_000;
/** Bytes that may wait to be sent before a connection's reading stops: answers cannot pile up behind a reader that is stuck. */
const SEND_MAX = 1024 * 1024;
/** Bytes that may wait before its lanes do. Less, by more than a page: a busy lane must not keep its reader from being heard. */
const LANES_MAX = 768 * 1024;

export interface ConnectionContext {
  kernel: KernelApi;
  node: { id: string; version: string; build?: string | undefined };
  visits: Visits;
  /** Is told who begins to follow a stream; what it returns is called when they no longer do. */
  follows(by: Caller, stream: string): () => void;
}

export class Connection {
  /** Whose proof this connection has given; a local socket's is its file permission. */
  readonly by: Caller;
  /** What its pipe tells it. */
  readonly events: PipeEvents;
  readonly #pipe: Pipe;
  readonly #visit: Visit;
  readonly #context: ConnectionContext;
  readonly #lanes = new Lanes(
    (frame) => this.#send(frame),
    () => this.#pipe.buffered >= LANES_MAX,
  );
  readonly #aborted = new AbortController();
  readonly #hello: NodeJS.Timeout;
  readonly #beat: NodeJS.Timeout;
  readonly #closed: () => void;
  #greeted = false;
  /**
   * Beats since something was heard or, while nothing is read, since something was taken. Counted, so that this node's own
   * sleep is not taken for the other end's.
   */
  #silent = 0;
  /** Beats since something was heard, or the other end was asked for a sign of life. */
  #quiet = 0;
  /** Bytes that waited to be taken at the last beat. */
  #waiting = 0;
  readonly #work = new UnderWay();
  #paused = false;
  #ended = false;

  constructor(pipe: Pipe, by: Caller, context: ConnectionContext, closed: () => void) {
    this.by = by;
    this.#pipe = pipe;
    this.#context = context;
    this.#closed = closed;
    this.#visit = context.visits(by, (error) => this.end(error));
    this.#hello = setTimeout(() => {
      if (!this.#greeted) this.end(new SkeinError('timeout', 'A channel begins with hello.'));
    }, HELLO_MS);
    this.#beat = setInterval(() => this.#onBeat(), HEART_MS);
    this.events = {
      message: (bytes) => this.#message(bytes),
      drain: () => this.#drained(),
      closed: () => this.#stop(),
    };
  }

  close(): void {
    this.#pipe.close();
  }

  /** Says why, and ends: from here on nothing that it sends is heard, and nothing more is sent to it. */
  end(error: SkeinError): void {
    if (this.#ended) return;
    this.#send({ t: 'refused', error: wire(error), versions: CHANNEL_VERSIONS });
    this.#stop();
    this.#pipe.close(error.code);
  }

  #stop(): void {
    if (this.#ended) return;
    this.#ended = true;
    clearTimeout(this.#hello);
    clearInterval(this.#beat);
    this.#aborted.abort();
    this.#lanes.closeAll();
    this.#closed();
  }

  #message(data: Uint8Array): void {
    if (this.#ended) return;
    this.#silent = 0;
    this.#quiet = 0;
    try {
      if (!this.#greeted && data.length > MAX_HELLO)
        throw new SkeinError('frame_too_large', `A hello has at most ${MAX_HELLO} bytes.`);
      const frame = clientFrame(unpackFrame(data), '');
      if (frame.t === 'hello') this.#agree(frame);
      else if (!this.#greeted) throw new SkeinError('bad_frame', 'A channel begins with hello.');
      else if (this.#admit(frame)) this.#frame(frame, data.length);
    } catch (error) {
      this.end(SkeinError.from(error));
    }
  }

  #agree(frame: Frame<'hello'>): void {
    if (this.#greeted) throw new SkeinError('bad_frame', 'A channel begins with hello, and only begins.');
    const version = CHANNEL_VERSIONS.find((v) => frame.versions.includes(v));
    if (version === undefined) {
      const error = new SkeinError(
        'unsupported_version',
        `This node speaks versions ${CHANNEL_VERSIONS.join(', ')} of the channel.`,
        { versions: CHANNEL_VERSIONS },
      );
      return this.end(error);
    }
    this.#greeted = true;
    const proved = this.#visit.greet?.(frame.proof);
    if (proved === undefined) return this.#welcome(version);
    proved.then(
      () => this.#welcome(version),
      (error) => this.end(SkeinError.from(error)),
    );
  }

  #welcome(version: number): void {
    const { build, ...node } = this.#context.node;
    // A process id and a build say something to whoever is on the same machine, and to nobody else.
    const own =
      this.by.kind === 'owner' ? { pid: process.pid, ...(build === undefined ? {} : { build }) } : { pid: 0 };
    this.#send({
      t: 'welcome',
      version,
      node: { ...node, ...own },
      limits: { frame: MAX_FRAME, lanes: MAX_LANES, window: LANE_WINDOW },
    });
  }

  /** Whether a frame may be acted upon; if not, whoever waits for an answer to it gets the refusal. */
  #admit(frame: ClientFrame): boolean {
    try {
      this.#visit.admit(frame);
      return !this.#ended;
    } catch (thrown) {
      const error = wire(SkeinError.from(thrown));
      if (frame.t === 'ask') this.#send({ t: 'answer', n: frame.n, error });
      else if (frame.t === 'cmd') this.#send({ t: 'reply', id: frame.id, error });
      else if (frame.t === 'sub' || frame.t === 'open' || frame.t === 'fetch')
        this.#send({ t: 'end', lane: frame.lane, error });
      return false;
    }
  }

  #frame(frame: Exclude<ClientFrame, { t: 'hello' }>, bytes: number): void {
    switch (frame.t) {
      case 'ask':
        return this.#during(this.#ask(frame), bytes);
      case 'cmd':
        return this.#during(this.#command(frame), Number.POSITIVE_INFINITY);
      case 'ack':
        return this.#visit.ack(frame.client, frame.seq);
      case 'sub':
        return this.#lanes.open(frame.lane, (lane) => {
          const reading = this.#visit.reading(frame.stream);
          const left = frame.follow ? this.#context.follows(this.by, frame.stream) : undefined;
          return new EventLane(this.#context.kernel, frame, lane, reading, left);
        });
      case 'open':
        return this.#lanes.open(frame.lane, (lane) => this.#visit.openTerminal(frame, lane));
      case 'fetch':
        return this.#lanes.open(
          frame.lane,
          (lane) => new BlobLane(this.#context.kernel, frame, lane, this.#visit.fetching(frame)),
          true,
        );
      case 'data':
        return this.#lanes.get(frame.lane)?.data?.(frame.bytes);
      case 'credit':
        return this.#lanes.get(frame.lane)?.credit(frame.bytes);
      case 'close':
        return this.#lanes.close(frame.lane);
      case 'ping':
        return this.#send({ t: 'pong', n: frame.n });
      case 'pong':
        return;
    }
  }

  async #ask({ n, type, body }: Frame<'ask'>): Promise<void> {
    try {
      const told = (await this.#visit.ask(type, body, this.#aborted.signal)) ?? null;
      const bytes = pack({ t: 'answer', n, body: told } satisfies NodeFrame);
      if (bytes.length > MAX_FRAME)
        throw new SkeinError(
          'too_large',
          `What "${type}" would answer are ${bytes.length} bytes, and a message has at most ${MAX_FRAME}.`,
        );
      if (!isFrame(bytes))
        throw new SkeinError(
          'too_large',
          `What "${type}" would answer is nested deeper than a message may be.`,
        );
      this.#put(bytes);
    } catch (error) {
      this.#send({ t: 'answer', n, error: wire(SkeinError.from(error)) });
    }
  }

  async #command({ id, target, type, body }: Frame<'cmd'>): Promise<void> {
    const reply = await this.#visit.execute({ id, target, type, body });
    if (reply.ok) this.#send({ t: 'reply', id, body: reply.value ?? null });
    else this.#send({ t: 'reply', id, error: wire(SkeinError.fromBody(reply.error)) });
  }

  /** Counts work under way: past the limit nothing more is read, so that a flood waits in its sender (C2). */
  #during(work: Promise<void>, bytes: number): void {
    void this.#work.during(work, bytes).then(() => this.#flow());
    if (this.#work.full) this.#pause();
  }

  #pause(): void {
    if (this.#paused) return;
    this.#paused = true;
    this.#pipe.pause();
  }

  /** Reads on, if it had stopped and may. */
  #flow(): void {
    if (!this.#paused || this.#work.full || this.#pipe.buffered >= SEND_MAX) return;
    this.#paused = false;
    // What it said meanwhile is heard only now.
    this.#silent = 0;
    this.#pipe.resume();
  }

  #onBeat(): void {
    this.#work.beat();
    this.#flow();
    const waiting = this.#pipe.buffered;
    // While nothing of it is read its silence is this node's: alive is then who takes what waits, if much does.
    const unheard = this.#paused && (waiting < SEND_MAX || waiting < this.#waiting);
    this.#waiting = waiting;
    this.#silent = unheard ? 0 : this.#silent + 1;
    if (this.#silent * HEART_MS >= DEAD_MS)
      return (this.#pipe.terminate ?? this.#pipe.close).call(this.#pipe);
    if (++this.#quiet * HEART_MS < PING_MS || !this.#greeted) return;
    this.#quiet = 0;
    this.#send({ t: 'ping', n: 0 });
  }

  #send(frame: NodeFrame): void {
    this.#put(pack(frame));
  }

  #put(bytes: Uint8Array): void {
    if (this.#ended) return;
    this.#pipe.send(bytes, this.#drained);
    // Replies to a peer that does not read must not pile up: stop reading its requests.
    if (this.#pipe.buffered >= SEND_MAX) this.#pause();
  }

  readonly #drained = (): void => {
    this.#lanes.drained();
    this.#flow();
  };
}

/** As its reader takes it: anything else would end the connection for all that it waits for. */
function wire(error: SkeinError): WireError {
  const { message } = error;
  if (message.length <= MAX_MESSAGE) return error.toBody();
  return { ...error.toBody(), message: `${message.slice(0, MAX_MESSAGE - 1).toWellFormed()}…` };
}
