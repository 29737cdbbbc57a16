/**
 * One connection of a client (rules C3–C5): greets, hears, answers pings, and finds out when nobody is there. It is over once,
 * and at once, however long its transport takes to close; what that still says then is heard by nobody.
 */
import { CHANNEL_VERSIONS, type ClientFrame, type NodeFrame, nodeFrame } from '../channel/frames.ts';
import { type ErrorCode, SkeinError } from '../errors.ts';
import { pack, unpack } from '../light-codec.ts';
import { DEAD_MS, HEART_MS, LANE_MAX, PING_MS } from '../limits.ts';
import { wireError } from './lane.ts';
import type { ClientOptions } from './options.ts';
import type { Transport } from './transport.ts';

/** Milliseconds after which a connection has lasted: one that is lost before may be lost at once again. */
const LASTING_MS = 2_000;

/** A node's word for what it does not understand: the same said again would end the next connection too. */
export const NOT_UNDERSTOOD: readonly ErrorCode[] = ['bad_frame', 'frame_too_large'];

export type Welcome = Extract<NodeFrame, { t: 'welcome' }>;
/** What a client hears beyond its connection's own affairs. */
export type HeardFrame = Exclude<NodeFrame, { t: 'welcome' | 'refused' | 'ping' | 'pong' }>;

interface LinkEvents {
  /** What this throws ends the connection. */
  frame(frame: HeardFrame): void;
  /** Once, unless it is over before it is open; nothing follows. */
  over(link: Link, error: SkeinError): void;
}

export class Link {
  /** Resolves with the welcome; rejects if it is over before. */
  readonly agreed: Promise<Welcome>;
  readonly #events: LinkEvents;
  #settle: { resolve(welcome: Welcome): void; reject(error: SkeinError): void } | undefined;
  #transport: Transport | undefined;
  #welcome: Welcome | undefined;
  #over: SkeinError | undefined;
  #told = false;
  #beats = 0;
  /** Beats of the heart since something was heard. Counted, not timed: clocks can be set, and loading one is felt. */
  #silent = 0;
  #heart: ReturnType<typeof setInterval> | undefined;

  private constructor(events: LinkEvents) {
    this.#events = events;
    this.agreed = new Promise((resolve, reject) => {
      this.#settle = { resolve, reject };
    });
    this.agreed.catch(() => {});
  }

  /** Connects. Nothing was said by then. */
  static async open(options: ClientOptions, events: LinkEvents): Promise<Link> {
    const link = new Link(events);
    const transport = await options.connect({
      message: (bytes) => link.#message(bytes),
      closed: (error) => link.#closed(error),
    });
    if (link.#over !== undefined) throw link.#over;
    link.#transport = transport;
    link.#heart = setInterval(() => link.#beat(), HEART_MS);
    (link.#heart as { unref?: () => void }).unref?.();
    return link;
  }

  /** Says hello. The answer need not be waited for: with a single version there is nothing that it could change. */
  greet({ name, version, proof }: Pick<ClientOptions, 'name' | 'version' | 'proof'>): void {
    const who = { client: { name, version }, ...(proof === undefined ? {} : { proof }) };
    this.#say({ t: 'hello', versions: CHANNEL_VERSIONS, ...who });
  }

  get welcome(): Welcome | undefined {
    return this.#welcome;
  }

  /** Why it is over, if it is. */
  get ended(): SkeinError | undefined {
    return this.#over;
  }

  /** Whether it has been there for a while. */
  get lasted(): boolean {
    return this.#beats * HEART_MS >= LASTING_MS;
  }

  /** Whether anything came over it that somebody wanted. */
  get told(): boolean {
    return this.#told;
  }

  send(bytes: Uint8Array): void {
    this.#transport?.send(bytes);
  }

  /** Ends it, for this reason. */
  end(error: SkeinError): void {
    if (this.#over !== undefined) return;
    this.#over = error;
    const transport = this.#transport;
    this.#transport = undefined;
    clearInterval(this.#heart);
    this.#settle?.reject(error);
    transport?.close();
    if (this.#heart !== undefined) this.#events.over(this, error);
  }

  #closed(error: Error | undefined): void {
    this.#transport = undefined;
    this.end(lost(error));
  }

  #message(bytes: Uint8Array): void {
    if (this.#over !== undefined) return;
    this.#silent = 0;
    let frame: NodeFrame;
    try {
      frame = nodeFrame(unpack(bytes), '');
    } catch (error) {
      return this.end(this.#welcome === undefined ? SkeinError.from(error) : lost(error));
    }
    try {
      this.#hear(frame);
    } catch (error) {
      this.end(lost(error));
    }
  }

  #hear(frame: NodeFrame): void {
    switch (frame.t) {
      case 'welcome':
        this.#welcome ??= frame;
        this.#settle?.resolve(this.#welcome);
        return;
      case 'refused':
        return this.end(this.#refused(wireError(frame.error)));
      case 'ping':
        // Whoever asks and does not take the answers is not worth the room for them.
        if ((this.#transport?.buffered ?? 0) < LANE_MAX) this.#say({ t: 'pong', n: frame.n });
        return;
      case 'pong':
        return;
      default:
        this.#told = true;
        this.#events.frame(frame);
    }
  }

  /** Whoever was let in and is sent away, as when their role changes, may come again: what they are then is told by the next hello. */
  #refused(error: SkeinError): SkeinError {
    return this.#welcome === undefined || NOT_UNDERSTOOD.includes(error.code) ? error : lost(error);
  }

  /** A silent connection is asked for a sign of life, and given up when none comes (C4). */
  #beat(): void {
    this.#beats++;
    const silent = ++this.#silent * HEART_MS;
    if (silent >= DEAD_MS) this.end(lost(undefined));
    else if (silent % PING_MS === 0 && this.#welcome !== undefined) this.#say({ t: 'ping', n: 0 });
  }

  #say(frame: ClientFrame): void {
    this.send(pack(frame));
  }
}

function lost(error: unknown): SkeinError {
  const why = error instanceof Error ? `: ${error.message.replace(/\.$/, '')}` : '';
  return new SkeinError('node_unreachable', `The connection to the node was lost${why}.`);
}
