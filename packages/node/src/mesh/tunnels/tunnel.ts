/**
 * One tunnel (rule C2): whole messages both ways, each way with a window that returns as the far consumer takes them. It
 * decides what may be sent next and what is owed; the link (./tunnels.ts) sends it.
 */
import { type ErrorBody, SkeinError } from '@skein/protocol/errors';
import type { Pipe, PipeEvents } from '../api.ts';
import { costOf } from './frames.ts';
import {
  CREDIT_STEP,
  DRAIN_AT,
  LINGER_MS,
  MESSAGE_COST,
  MESSAGE_MAX,
  PIECE_MAX,
  TUNNEL_WINDOW,
  UNSENT_MAX,
} from './limits.ts';

/** Bytes: a smaller part of a larger message is not worth a frame while more credit is on its way. */
const SLIVER = 1024;
/** Bytes behind the first piece of a received message that a second may take. */
const SPARE = 4096;
/** What a tunnel asks of its link. */
export interface TunnelLinkApi {
  /** There is something to send. */
  wake(tunnel: Tunnel): void;
  /** Credit is owed: at once, or within CREDIT_MS. */
  owes(tunnel: Tunnel, now: boolean): void;
  /** Tells the far end that the tunnel is closed. */
  tellClosed(tunnel: Tunnel, error: ErrorBody | undefined): void;
  /** The tunnel is over, and its place free. */
  gone(tunnel: Tunnel): void;
}

export interface Piece {
  bytes: Uint8Array;
  last: boolean;
  /** To be called when it has been handed to the stream. */
  sent: (() => void) | undefined;
}

interface Outgoing {
  bytes: Uint8Array;
  at: number;
  sent: (() => void) | undefined;
}

/** `closing`: closed here, what was handed over is still sent. `ended`: closed there, what came before is still to be taken. */
type State = 'open' | 'closing' | 'ended' | 'closed';

const NOTHING: PipeEvents = { message() {}, closed() {} };

export class Tunnel implements Pipe {
  readonly peer: string;
  readonly number: number;
  events: PipeEvents = NOTHING;
  readonly #link: TunnelLinkApi;
  #state: State = 'open';
  // Sending.
  readonly #outgoing: Outgoing[] = [];
  #unsent = 0;
  #underWay = 0;
  #wasFull = false;
  #reason: ErrorBody | undefined;
  #linger: NodeJS.Timeout | undefined;
  // Receiving.
  #paused = false;
  #delivering = false;
  #gathering: Buffer | undefined;
  #gathered = 0;
  readonly #received: Uint8Array[] = [];
  #held = 0;
  #owed = 0;
  #endedBy: SkeinError | undefined;

  constructor(peer: string, number: number, link: TunnelLinkApi) {
    this.peer = peer;
    this.number = number;
    this.#link = link;
  }

  get buffered(): number {
    return this.#unsent + this.#underWay;
  }

  send(message: Uint8Array, sent?: () => void): void {
    if (this.#state !== 'open') return;
    if (message.length > MESSAGE_MAX) {
      const text = `A message of ${message.length} bytes is too large for a tunnel; the largest is ${MESSAGE_MAX}.`;
      throw new SkeinError('frame_too_large', text);
    }
    this.#outgoing.push({ bytes: message, at: 0, sent });
    this.#unsent += costOf(message.length);
    if (this.#unsent > UNSENT_MAX) {
      const text = `More than ${UNSENT_MAX} bytes wait for a peer that does not take them.`;
      const error = new SkeinError('mailbox_full', text);
      return this.#finish(error, { tell: error.toBody() });
    }
    if (this.buffered > DRAIN_AT) this.#wasFull = true;
    this.#link.wake(this);
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    this.#deliver();
  }

  close(reason?: string): void {
    this.closeWith(reason === undefined ? undefined : new SkeinError('peer_closed', reason));
  }

  /** Closes, telling the far end this error. */
  closeWith(error: SkeinError | undefined): void {
    if (this.#state === 'ended') return this.#finish(undefined);
    if (this.#state !== 'open') return;
    this.#state = 'closing';
    this.#reason = error?.toBody();
    this.#received.length = 0;
    if (this.#outgoing.length === 0) return this.#finish(undefined, { tell: this.#reason });
    this.#linger = setTimeout(() => this.#finish(undefined, { tell: this.#reason }), LINGER_MS);
    this.#link.wake(this);
  }

  /** The next piece to send, of at most `room` bytes; undefined when there is none, or no credit for it. */
  next(room: number): Piece | undefined {
    const first = this.#outgoing[0];
    if (first === undefined) return undefined;
    const { bytes, at } = first;
    const credit = TUNNEL_WINDOW - this.#underWay;
    const left = bytes.length - at;
    const small = bytes.length < MESSAGE_COST;
    if (small && (credit < MESSAGE_COST || room < left)) return undefined;
    const size = Math.min(left, PIECE_MAX, credit, room);
    if (!small && size < left && size < SLIVER) return undefined;
    const last = size === left;
    const cost = small ? MESSAGE_COST : size;
    this.#unsent -= cost;
    this.#underWay += cost;
    first.at += size;
    if (last) this.#outgoing.shift();
    return { bytes: bytes.subarray(at, at + size), last, sent: last ? first.sent : undefined };
  }

  /** Whether there is more to send, and credit for it. */
  get mayMore(): boolean {
    return this.#outgoing.length > 0 && this.#underWay < TUNNEL_WINDOW;
  }

  /** A last piece has left: with nothing behind it, a tunnel that closes is closed. */
  emptied(): void {
    if (this.#state === 'closing' && this.#outgoing.length === 0)
      this.#finish(undefined, { tell: this.#reason });
  }

  /** The far consumer has taken so much. Throws `bad_frame` when that was never sent. */
  credited(bytes: number): void {
    if (this.#state === 'ended' || this.#state === 'closed') return;
    if (bytes > this.#underWay)
      throw new SkeinError('bad_frame', 'A peer gave credit for more than it was sent.');
    this.#underWay -= bytes;
    if (this.#outgoing.length > 0) this.#link.wake(this);
    if (!this.#wasFull || this.buffered > DRAIN_AT) return;
    this.#wasFull = false;
    if (this.#state === 'open') this.#guard(() => this.events.drain?.());
  }

  /** A piece came, and is copied. Throws `bad_frame`, `frame_too_large`. */
  data(piece: Uint8Array, last: boolean): void {
    if (this.#state === 'ended')
      throw new SkeinError('bad_frame', 'A peer sent on a tunnel that it had closed.');
    const size = this.#gathered + piece.length;
    if (size > MESSAGE_MAX) {
      const text = `A peer sent a message of more than ${MESSAGE_MAX} bytes.`;
      throw new SkeinError('frame_too_large', text);
    }
    this.#held += piece.length + (last ? costOf(size) - size : 0);
    if (this.#held > TUNNEL_WINDOW)
      throw new SkeinError('bad_frame', 'A peer sent more than it had credit for.');
    if (!last || this.#gathered > 0) this.#gather(piece, size);
    if (!last) return;
    const message = this.#gathering?.subarray(0, size) ?? new Uint8Array(piece);
    this.#gathering = undefined;
    this.#gathered = 0;
    if (this.#state === 'closing') return this.#took(size);
    this.#received.push(message);
    this.#deliver();
  }

  /** The far end closed it; what it sent before is still given. */
  farClosed(error: ErrorBody | undefined): void {
    if (this.#state === 'closing') return this.#finish(undefined);
    if (this.#state !== 'open') return;
    this.#endedBy = error && SkeinError.fromBody(error);
    this.#state = 'ended';
    this.#outgoing.length = 0;
    if (this.#received.length === 0) this.#finish(this.#endedBy);
  }

  /** The link is gone. */
  fail(error: SkeinError): void {
    this.#finish(error);
  }

  /** The credit that is owed; from now on it is not. */
  takeOwed(): number {
    const owed = this.#owed;
    this.#owed = 0;
    return owed;
  }

  #gather(piece: Uint8Array, size: number): void {
    // Grown as bytes come, never as they are announced (C5); doubling keeps the copying linear. Most that need a second piece
    // are what programs write at once, 64 KiB, and the few bytes around it.
    if (this.#gathering === undefined || this.#gathering.length < size) {
      const room = this.#gathering === undefined ? size + SPARE : 2 * size;
      const grown = Buffer.allocUnsafeSlow(Math.min(MESSAGE_MAX, room));
      this.#gathering?.copy(grown, 0, 0, this.#gathered);
      this.#gathering = grown;
    }
    this.#gathering.set(piece, this.#gathered);
    this.#gathered = size;
  }

  #deliver(): void {
    // A consumer that pauses and resumes while it is given a message is served by the loop that gave it.
    if (this.#delivering) return;
    this.#delivering = true;
    let given = 0;
    while (!this.#paused && (this.#state === 'open' || this.#state === 'ended')) {
      const message = this.#received[given];
      if (message === undefined) break;
      given++;
      this.#guard(() => this.events.message(message));
      this.#took(message.length);
    }
    this.#delivering = false;
    if (given > 0) this.#received.splice(0, given);
    if (this.#state === 'ended' && this.#received.length === 0) this.#finish(this.#endedBy);
  }

  #took(bytes: number): void {
    const cost = costOf(bytes);
    this.#held -= cost;
    this.#owed += cost;
    if (this.#state === 'open' || this.#state === 'closing') this.#link.owes(this, this.#owed >= CREDIT_STEP);
  }

  /** A consumer that throws loses its tunnel, not the link. */
  #guard(call: () => void): void {
    try {
      call();
    } catch (error) {
      // What went wrong inside is no business of the far end.
      const body: ErrorBody = { code: 'internal', message: 'Something went wrong at the far end.' };
      this.#finish(SkeinError.from(error), { tell: body });
    }
  }

  #finish(error: SkeinError | undefined, far?: { tell: ErrorBody | undefined }): void {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    clearTimeout(this.#linger);
    this.#outgoing.length = 0;
    this.#received.length = 0;
    this.#gathering = undefined;
    this.#unsent = 0;
    this.#underWay = 0;
    if (far !== undefined) this.#link.tellClosed(this, far.tell);
    this.#link.gone(this);
    // Later, so that whoever closes is not called back from within its call.
    queueMicrotask(() => this.events.closed(error));
  }
}
