/** One control connection at the relay (rules R1, C5): challenged, registered, then dials and heartbeats. */
import { randomBytes } from 'node:crypto';
import { SkeinError } from '@skein/protocol/errors';
import { pack, unpack } from '@skein/protocol/light-codec';
import { type FromRelay, RELAY_VERSIONS, type ToRelay, toRelay } from '@skein/protocol/relay/frames';
import { NONCE_BYTES } from '@skein/protocol/relay/limits';
import { transcript } from '@skein/protocol/relay/transcript';
import type { WebSocket } from 'ws';
import { originOf } from './client-address.ts';
import type { RelayIdentity } from './identity.ts';
import type { Newcomer } from './newcomers.ts';
import { checkRegistration, type Register, registrationOf } from './registration.ts';
import type { Timed, Wheel } from './wheel.ts';

/** Milliseconds of silence after which the relay asks, and after which a node is gone (C4). Nodes beat a little sooner. */
const ASK_MS = 7_000;
const GONE_MS = 10_000;
/** Milliseconds that a peer has to answer a close. */
const CLOSE_MS = 1_000;
/** Bytes. Who lets so much wait does not read. */
const UNREAD_MAX = 64 * 1024;

export interface ControlContext {
  readonly identity: RelayIdentity;
  readonly wheel: Wheel;
  readonly framesPerSecond: number;
  /** Takes it in, or throws why not. It is registered from then on. */
  admit(control: Control, frame: Register): void;
  /** Who was admitted is gone. */
  left(control: Control): void;
  /** The dialer's token; throws why not. */
  dial(control: Control, to: string): Uint8Array;
  decline(control: Control, token: Uint8Array): void;
  /** How its registration went: `registered`, the code of its refusal, or `gone`. */
  outcome(control: Control, word: string): void;
}

type State = 'new' | 'registered' | 'closing' | 'closed';

export class Control implements Timed {
  readonly #ws: WebSocket;
  readonly #context: ControlContext;
  #nonce: Uint8Array | undefined = randomBytes(NONCE_BYTES);
  #state: State = 'new';
  #asked = false;
  /** Frames that may still come in this second, which began at `#second`. */
  #frames: number;
  #second: number;
  /** What it is until it is registered. */
  readonly newcomer: Newcomer;
  due = 0;
  /** Its PeerId, once it has proved it, and whether it may be dialled. */
  peer = '';
  listen = false;
  /** The admission token that it gave. */
  admission: string | undefined;

  constructor(ws: WebSocket, newcomer: Newcomer, context: ControlContext) {
    this.#ws = ws;
    this.#context = context;
    this.newcomer = newcomer;
    this.#frames = 2 * context.framesPerSecond;
    this.#second = context.wheel.now;
    ws.on('message', (data: Uint8Array, binary: boolean) => this.#message(data, binary));
    // Frames of WebSocket's own, which could be sent without end and are not needed.
    ws.on('ping', () => this.#counted());
    ws.on('pong', () => this.#counted());
    // A frame past the limit, refused before it takes memory (C5). ws has begun to close.
    ws.on('error', () => this.#closing());
    ws.on('close', () => this.#closed());
    this.send({
      t: 'challenge',
      v: RELAY_VERSIONS,
      relay: context.identity.id,
      nonce: this.#nonce as Uint8Array,
      time: Date.now(),
    });
  }

  /** Where it comes from, for the log. */
  get address(): string | undefined {
    return this.newcomer.address;
  }

  /** What it shares with those who may be the same: its address, where that is counted. */
  get origin(): string {
    const { key } = this.newcomer;
    return key === undefined ? this.peer : originOf(key);
  }

  send(frame: FromRelay): void {
    if (this.#ws.readyState !== this.#ws.OPEN) return;
    this.#ws.send(pack(frame));
    if (this.#ws.bufferedAmount > UNREAD_MAX) this.#ws.terminate();
  }

  /** Ends the connection with a reason. */
  refuse(error: SkeinError): void {
    if (this.#state === 'closing' || this.#state === 'closed') return;
    if (this.#state === 'new') this.#context.outcome(this, error.code);
    this.send({ t: 'refused', error: error.toBody() });
    this.#ws.close(1008, error.code);
    this.#closing();
  }

  /** The relay stops. */
  close(): void {
    this.#ws.close(1001);
    this.#closing();
  }

  /** The wheel: asks after silence, and gives up after more of it. */
  expire(now: number): void {
    if (this.#state !== 'registered' || this.#asked) return this.#ws.terminate();
    this.#asked = true;
    this.send({ t: 'ping', n: 0 });
    this.due = now + GONE_MS - ASK_MS;
    this.#context.wheel.add(this);
  }

  #message(data: Uint8Array, binary: boolean): void {
    if (this.#state === 'closing' || this.#state === 'closed') return;
    try {
      if (!binary) throw new SkeinError('bad_frame', 'Frames are binary.');
      const frame = toRelay(unpack(data), '');
      if (this.#state === 'registered') this.#frame(frame);
      else if (frame.t === 'register') this.#register(frame);
      else throw new SkeinError('bad_frame', 'A control connection begins with register.');
    } catch (error) {
      this.refuse(SkeinError.from(error));
    }
  }

  #register(frame: Register): void {
    const { identity, wheel } = this.#context;
    const challenge = { relay: identity.id, nonce: this.#nonce as Uint8Array };
    checkRegistration(frame, challenge, Date.now());
    this.peer = frame.peer;
    this.listen = frame.listen;
    this.admission = frame.admission;
    this.#context.admit(this, frame);
    this.#state = 'registered';
    this.#nonce = undefined;
    const signed = transcript('registered', registrationOf(frame, challenge));
    this.send({ t: 'registered', sig: identity.sign(signed) });
    this.#context.outcome(this, 'registered');
    this.due = wheel.now + ASK_MS;
    wheel.add(this);
  }

  #frame(frame: ToRelay): void {
    if (!this.#counted()) return;
    switch (frame.t) {
      case 'register':
        throw new SkeinError('bad_frame', 'This connection is registered already.');
      case 'dial':
        return this.#dial(frame.n, frame.to);
      case 'decline':
        return this.#context.decline(this, frame.token);
      case 'ping':
        return this.send({ t: 'pong', n: frame.n });
      case 'pong':
        return;
    }
  }

  #dial(n: number, to: string): void {
    try {
      this.send({ t: 'dialled', n, token: this.#context.dial(this, to) });
    } catch (error) {
      this.send({ t: 'undialled', n, error: SkeinError.from(error).toBody() });
    }
  }

  /** Notes that it lives, and takes a frame out of what it may send; false when that was too many. */
  #counted(): boolean {
    if (this.#state !== 'registered') {
      this.refuse(new SkeinError('bad_frame', 'A control connection begins with register.'));
      return false;
    }
    const { now } = this.#context.wheel;
    const limit = this.#context.framesPerSecond;
    this.due = now + ASK_MS;
    this.#asked = false;
    const seconds = Math.floor((now - this.#second) / 1000);
    if (seconds > 0) {
      this.#second = now;
      this.#frames = Math.min(2 * limit, this.#frames + seconds * limit);
    }
    if (this.#frames-- > 0) return true;
    this.refuse(
      new SkeinError('quota_exceeded', `You may send ${limit} control frames a second.`, { limit }),
    );
    return false;
  }

  #closing(): void {
    if (this.#state === 'closed') return;
    this.#leave();
    this.#state = 'closing';
    this.due = this.#context.wheel.now + CLOSE_MS;
    this.#context.wheel.add(this);
  }

  #closed(): void {
    if (this.#state === 'new') this.#context.outcome(this, 'gone');
    this.#leave();
    this.#state = 'closed';
    this.#context.wheel.delete(this);
  }

  #leave(): void {
    if (this.#state !== 'registered') return;
    this.#state = 'closing';
    this.#context.left(this);
  }
}
