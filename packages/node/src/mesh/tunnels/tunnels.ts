/**
 * Many tunnels on one stream between two nodes (rules C1–C5): gives each its frames, watches that the far end lives, and
 * ends everything on the first wrong frame. Whoever opened the stream opens the tunnels.
 */
import { type ErrorBody, SkeinError } from '@skein/protocol/errors';
import type { PipeEvents } from '../api.ts';
import { decodeFrame, PEER_VERSIONS, type TunnelFrame, type Whereabouts } from './frames.ts';
import { TUNNELS_MAX } from './limits.ts';
import { BEAT_MS, Liveness } from './liveness.ts';
import { Outbox, type OutboxStream } from './outbox.ts';
import { Tunnel, type TunnelLinkApi } from './tunnel.ts';
import { Turns } from './turns.ts';

const NOWHERE: Whereabouts = { addrs: [], relays: [] };

/** A stream of bytes, as libp2p's is behind ./peer-stream.ts. `writable` false: `drained` is told later. */
export interface ByteStream extends OutboxStream {
  /** Closes after what was sent. */
  end(): void;
  /** Closes at once. */
  abort(error: Error): void;
  /** Delivers nothing more than what is on its way, until `resume`. */
  pause(): void;
  resume(): void;
  /** Attached once, and at once. None of these is called from within it. */
  listen(events: { data(chunk: Uint8Array): void; drained(): void; closed(error?: Error): void }): void;
}

export interface LinkEvents {
  /** The far end told where it can be reached, by HELLO or later. */
  at?(whereabouts: Whereabouts): void;
  /** A tunnel is asked for: what serves it, or why not. Absent where the far end may open none. */
  incoming?(tunnel: Tunnel): PipeEvents | SkeinError;
  /** Began or ceased to be uneasy or suspect, or a tunnel came or went. */
  changed?(): void;
  /** Once, with the number of tunnels that it broke off. */
  closed(error: SkeinError, tunnels: number): void;
}

export class TunnelLink implements TunnelLinkApi {
  readonly peer: string;
  readonly #stream: ByteStream;
  readonly #events: LinkEvents;
  readonly #turns: Turns;
  readonly #outbox: Outbox;
  readonly #tunnels = new Map<number, Tunnel>();
  readonly #life = new Liveness();
  readonly #beat: NodeJS.Timeout;
  /** The highest number of a tunnel so far. */
  #last = 0;
  #greeted = false;
  #over = false;
  readonly #ping = { n: 0, at: 0 };
  /** The last round trip, in milliseconds. */
  rtt: number | undefined;
  bytesIn = 0;
  /** performance.now() when the last tunnel went. */
  idleSince = performance.now();

  /** Whether the far end was told where this node is found. */
  told: boolean;

  /** `here` is not told to a stranger. */
  constructor(peer: string, stream: ByteStream, here: Whereabouts | undefined, events: LinkEvents) {
    this.peer = peer;
    this.#stream = stream;
    this.#events = events;
    this.#turns = new Turns(stream, {
      frame: (type, payload) => this.#frame(decodeFrame(type, payload)),
      failed: (error) => this.#fail(SkeinError.from(error)),
    });
    this.#outbox = new Outbox(stream, {
      sentData: () => this.#life.sent(),
      failed: (error) => this.#fail(error),
    });
    this.#beat = setInterval(() => this.#onBeat(), BEAT_MS);
    stream.listen({
      data: (chunk) => this.#data(chunk),
      drained: () => this.#outbox.pump(),
      closed: (error) => this.#turns.end(() => this.#lost(error)),
    });
    this.told = here !== undefined;
    this.#outbox.answer({ type: 'hello', versions: PEER_VERSIONS, ...(here ?? NOWHERE) });
    this.ask();
  }

  get tunnels(): number {
    return this.#tunnels.size;
  }

  /** Milliseconds since the last tunnel went; endless where there was none. */
  get idleFor(): number {
    return this.#last === 0 ? Number.POSITIVE_INFINITY : performance.now() - this.idleSince;
  }

  get bytesOut(): number {
    return this.#outbox.bytes;
  }

  /** Nothing was heard for too long: another path is wanted, though this one may still come back. */
  get suspect(): boolean {
    return this.#life.suspect;
  }

  /** Asked, and not answered as soon as it mostly is. */
  get uneasy(): boolean {
    return this.#life.uneasy;
  }

  /** Whether the far end has said HELLO. */
  get greeted(): boolean {
    return this.#greeted;
  }

  get over(): boolean {
    return this.#over;
  }

  /** Opens a tunnel, without waiting: a refusal closes it. Throws `mailbox_full`, `peer_lost`. */
  open(events: PipeEvents): Tunnel {
    if (this.#over) throw new SkeinError('peer_lost', 'The connection to this peer has ended.');
    if (this.#tunnels.size >= TUNNELS_MAX) throw full();
    const tunnel = this.#add(++this.#last);
    tunnel.events = events;
    this.#outbox.answer({ type: 'open', tunnel: tunnel.number });
    return tunnel;
  }

  /** Ends the stream and its tunnels, telling both ends why. */
  end(error: SkeinError): void {
    if (this.#over) return;
    this.#outbox.last({ type: 'end', error: error.toBody() });
    this.#close(error);
    this.#stream.end();
  }

  /** Ends it at once: for a path that is dead, or may not be used any longer. */
  abort(error: SkeinError): void {
    if (this.#over) return;
    this.#close(error);
    this.#stream.abort(error);
  }

  /** Tells the far end where this node can be reached now. */
  tell(here: Whereabouts): void {
    this.told = true;
    this.#outbox.answer({ type: 'at', ...here });
  }

  /** Asks whether the far end is there. */
  ask(): void {
    this.#ping.n = (this.#ping.n + 1) >>> 0;
    this.#ping.at = performance.now();
    this.#life.asked();
    this.#outbox.answer({ type: 'ping', n: this.#ping.n });
  }

  wake(tunnel: Tunnel): void {
    this.#outbox.wake(tunnel);
  }

  owes(tunnel: Tunnel, now: boolean): void {
    this.#outbox.owes(tunnel, now);
  }

  tellClosed(tunnel: Tunnel, error: ErrorBody | undefined): void {
    this.#outbox.answer({ type: 'close', tunnel: tunnel.number, error });
  }

  gone(tunnel: Tunnel): void {
    this.#tunnels.delete(tunnel.number);
    this.#outbox.forget(tunnel);
    if (this.#tunnels.size === 0) this.idleSince = performance.now();
    if (!this.#over) this.#events.changed?.();
  }

  #data(chunk: Uint8Array): void {
    if (this.#over) return;
    this.bytesIn += chunk.length;
    const uneasy = this.uneasy;
    this.#life.heard();
    if (uneasy) this.#events.changed?.();
    this.#turns.push(chunk);
  }

  #frame(frame: TunnelFrame): void {
    if (!this.#greeted && frame.type !== 'hello' && frame.type !== 'end')
      throw new SkeinError('bad_frame', 'A stream between nodes begins with HELLO.');
    switch (frame.type) {
      case 'hello':
        return this.#hello(frame);
      case 'at':
        return this.#events.at?.(frame);
      case 'open':
        return this.#incoming(frame.tunnel);
      case 'data':
        return this.#known(frame.tunnel)?.data(frame.piece, frame.last);
      case 'credit':
        return this.#known(frame.tunnel)?.credited(frame.bytes);
      case 'close':
        return this.#known(frame.tunnel)?.farClosed(frame.error);
      case 'ping':
        return this.#outbox.answer({ type: 'pong', n: frame.n });
      case 'pong':
        return this.#pong(frame.n);
      case 'end':
        this.#close(SkeinError.fromBody(frame.error));
        return this.#stream.end();
    }
  }

  #hello(hello: Extract<TunnelFrame, { type: 'hello' }>): void {
    if (this.#greeted) throw new SkeinError('bad_frame', 'A peer said HELLO twice.');
    if (!hello.versions.some((version) => PEER_VERSIONS.includes(version))) {
      const text = `This node speaks versions ${PEER_VERSIONS.join(', ')} of the protocol between nodes.`;
      throw new SkeinError('unsupported_version', text, { versions: PEER_VERSIONS });
    }
    this.#greeted = true;
    this.#events.at?.(hello);
  }

  #incoming(number: number): void {
    const { incoming } = this.#events;
    if (incoming === undefined)
      throw new SkeinError('bad_frame', 'A peer opened a tunnel on a stream that is not its own.');
    if (number <= this.#last) throw new SkeinError('bad_frame', 'A peer opened a tunnel a second time.');
    this.#last = number;
    const tunnel = this.#add(number);
    const served = this.#tunnels.size > TUNNELS_MAX ? full() : incoming(tunnel);
    if (served instanceof SkeinError) tunnel.closeWith(served);
    else tunnel.events = served;
  }

  /** The tunnel; undefined for one that is closed, of which frames may still be under way. */
  #known(number: number): Tunnel | undefined {
    if (number > this.#last)
      throw new SkeinError('bad_frame', 'A peer spoke of a tunnel that was never opened.');
    return this.#tunnels.get(number);
  }

  #add(number: number): Tunnel {
    const tunnel = new Tunnel(this.peer, number, this);
    this.#tunnels.set(number, tunnel);
    this.#events.changed?.();
    return tunnel;
  }

  #onBeat(): void {
    const { uneasy, suspect } = this;
    const verdict = this.#life.beat();
    if (verdict === 'dead')
      return this.abort(new SkeinError('peer_lost', 'Nothing was heard from the peer for 9 seconds.'));
    if (verdict === 'ask') this.ask();
    if (uneasy !== this.uneasy || suspect !== this.suspect) this.#events.changed?.();
  }

  #pong(n: number): void {
    if (n !== this.#ping.n) return;
    this.rtt = performance.now() - this.#ping.at;
    this.#life.measured(this.rtt);
  }

  /** The far end did what it may not: it is told, and the stream reset. */
  #fail(error: SkeinError): void {
    if (this.#over) return;
    if (this.#stream.writable()) this.#outbox.last({ type: 'end', error: error.toBody() });
    this.#close(error);
    this.#stream.abort(error);
  }

  #lost(error: Error | undefined): void {
    const why =
      error === undefined ? 'The peer ended the connection.' : `The connection broke: ${error.message}.`;
    this.#close(new SkeinError('peer_lost', why));
  }

  #close(error: SkeinError): void {
    if (this.#over) return;
    this.#over = true;
    clearInterval(this.#beat);
    this.#turns.stop();
    this.#outbox.stop();
    const tunnels = [...this.#tunnels.values()];
    for (const tunnel of tunnels) tunnel.fail(error);
    this.#events.closed(error, tunnels.length);
  }
}

function full(): SkeinError {
  return new SkeinError('mailbox_full', `A peer has at most ${TUNNELS_MAX} tunnels.`);
}
