/**
 * One control connection to a relay, from the node's side (rules R1, C4): proves who this node is, makes the relay prove
 * that it is the one that is pinned, then dials, is called, and beats.
 */
import { createPublicKey, randomBytes, verify } from 'node:crypto';
import { pack, unpackFrame } from '@skein/protocol/codec';
import { SkeinError } from '@skein/protocol/errors';
import { type RelayAddress, relayUrl } from '@skein/protocol/relay/address';
import { type FromRelay, fromRelay, RELAY_VERSIONS, type ToRelay } from '@skein/protocol/relay/frames';
import { CONTROL_DEAD_MS, CONTROL_FRAME, CONTROL_PING_MS, NONCE_BYTES } from '@skein/protocol/relay/limits';
import { keyOf } from '@skein/protocol/relay/peer-id';
import { type Registration, transcript } from '@skein/protocol/relay/transcript';
import WebSocket from 'ws';
import { lookupHost } from '../host-names.ts';
import type { Identity } from '../identity.ts';

/** Milliseconds from the start until it must be registered. */
const REGISTER_MS = 6_000;
/** Milliseconds of a beat: silence is counted in beats, so that a process that was stopped blames nobody. */
const BEAT_MS = 1_000;
/** Bytes. A relay that lets so much wait asks and does not read the answers. */
const UNREAD_MAX = 64 * 1024;
/** Dials that may wait for an answer. */
const DIALS_MAX = 64;
/** DER of an Ed25519 public key, up to its 32 bytes. */
const SPKI = Buffer.from('302a300506032b6570032100', 'hex');

interface ControlEvents {
  /** The relay says who it is. Whether to register with it now; throws when it is another than the one that is pinned. */
  challenged(relay: string): boolean;
  registered(relay: string): void;
  incoming(token: Uint8Array, from: string): void;
  /** Milliseconds within which to come back. */
  goaway(after: number): void;
  /** Once, the last. */
  closed(error: SkeinError): void;
}

interface Dial {
  resolve(token: Uint8Array): void;
  reject(error: SkeinError): void;
}

export class RelayControl {
  readonly #ws: WebSocket;
  readonly #address: RelayAddress;
  readonly #identity: Identity;
  readonly #options: { listen: boolean; admission: string | undefined };
  readonly #events: ControlEvents;
  readonly #timer: NodeJS.Timeout;
  readonly #dials = new Map<number, Dial>();
  #beat: NodeJS.Timeout | undefined;
  #registration: Registration | undefined;
  #registered = false;
  #over = false;
  #next = 1;
  #silentBeats = 0;
  #ping = { n: 0, at: 0, open: false };
  /** Milliseconds. */
  rtt: number | undefined;

  constructor(
    address: RelayAddress,
    identity: Identity,
    options: { listen: boolean; admission: string | undefined },
    events: ControlEvents,
  ) {
    this.#address = address;
    this.#identity = identity;
    this.#options = options;
    this.#events = events;
    this.#ws = new WebSocket(relayUrl(address, 'control'), {
      maxPayload: CONTROL_FRAME,
      perMessageDeflate: false,
      lookup: lookupHost,
    });
    this.#timer = setTimeout(() => this.#fail('timeout', 'did not answer in time'), REGISTER_MS);
    this.#ws.on('message', (data: Uint8Array, binary: boolean) => this.#message(data, binary));
    this.#ws.on('error', (error) => this.#fail('peer_lost', error.message || 'could not be reached'));
    this.#ws.on('close', () => this.#fail('peer_lost', 'closed the connection'));
  }

  /** Milliseconds that a question has been without an answer. */
  get unanswered(): number {
    return this.#ping.open ? performance.now() - this.#ping.at : 0;
  }

  /** A token for a splice to a peer. Throws what the relay says. */
  dial(to: string): Promise<Uint8Array> {
    return new Promise((resolve, reject) => {
      if (this.#over || !this.#registered) return reject(this.#error('peer_lost', 'is not connected'));
      if (this.#dials.size >= DIALS_MAX)
        return reject(this.#error('quota_exceeded', 'is asked for too much at once'));
      const n = this.#next++;
      this.#dials.set(n, { resolve, reject });
      this.#send({ t: 'dial', n, to });
    });
  }

  decline(token: Uint8Array): void {
    this.#send({ t: 'decline', token });
  }

  /** Asks whether it is still there, if that was not asked yet. */
  ask(): void {
    if (!this.#registered || this.#ping.open) return;
    this.#ping = { n: this.#ping.n + 1, at: performance.now(), open: true };
    this.#send({ t: 'ping', n: this.#ping.n });
  }

  close(): void {
    this.#end(this.#error('peer_lost', 'is no longer needed'));
  }

  #message(data: Uint8Array, binary: boolean): void {
    this.#silentBeats = 0;
    if (this.#over) return;
    try {
      if (!binary) throw new SkeinError('bad_frame', 'Frames are binary.');
      this.#frame(fromRelay(unpackFrame(data), ''));
    } catch (error) {
      this.#end(SkeinError.from(error));
    }
  }

  #frame(frame: FromRelay): void {
    switch (frame.t) {
      case 'challenge':
        return this.#challenge(frame);
      case 'registered':
        return this.#proved(frame.sig);
      case 'refused':
        return this.#end(SkeinError.fromBody(frame.error as never));
      case 'ping':
        return this.#send({ t: 'pong', n: frame.n });
    }
    if (!this.#registered) throw this.#error('bad_frame', 'spoke before it proved who it is');
    switch (frame.t) {
      case 'incoming':
        return this.#events.incoming(frame.token, frame.from);
      case 'dialled':
        this.#dials.get(frame.n)?.resolve(frame.token);
        return void this.#dials.delete(frame.n);
      case 'undialled':
        this.#dials.get(frame.n)?.reject(SkeinError.fromBody(frame.error as never));
        return void this.#dials.delete(frame.n);
      case 'goaway':
        return this.#events.goaway(frame.after);
      case 'pong':
        if (!this.#ping.open || frame.n !== this.#ping.n) return;
        this.#ping.open = false;
        this.rtt = performance.now() - this.#ping.at;
    }
  }

  #challenge(frame: Extract<FromRelay, { t: 'challenge' }>): void {
    if (this.#registration !== undefined) throw this.#error('bad_frame', 'asked twice');
    const version = RELAY_VERSIONS.find((v) => frame.v.includes(v));
    if (version === undefined)
      throw this.#error('unsupported_version', `speaks other versions: ${frame.v.join(', ')}`);
    if (!this.#events.challenged(frame.relay)) return this.close();
    const registration: Registration = {
      relay: frame.relay,
      peer: this.#identity.id,
      relayNonce: frame.nonce,
      nodeNonce: new Uint8Array(randomBytes(NONCE_BYTES)),
      time: Date.now(),
      listen: this.#options.listen,
    };
    this.#registration = registration;
    const { admission } = this.#options;
    this.#send({
      t: 'register',
      v: version,
      peer: registration.peer,
      nonce: registration.nodeNonce,
      time: registration.time,
      listen: registration.listen,
      sig: this.#identity.sign(transcript('register', registration)),
      ...(admission !== undefined && { admission }),
    });
  }

  #proved(signature: Uint8Array): void {
    const registration = this.#registration;
    if (registration === undefined || this.#registered)
      throw this.#error('bad_frame', 'answered what was not asked');
    const key = createPublicKey({
      key: Buffer.concat([SPKI, keyOf(registration.relay)]),
      format: 'der',
      type: 'spki',
    });
    if (!verify(null, transcript('registered', registration), key, signature))
      throw this.#error('signature_invalid', 'did not prove that it is the relay it says it is');
    clearTimeout(this.#timer);
    this.#registered = true;
    this.#beat = setInterval(() => this.#onBeat(), BEAT_MS);
    this.#events.registered(registration.relay);
    this.ask();
  }

  #onBeat(): void {
    this.#silentBeats++;
    if (this.#silentBeats * BEAT_MS >= CONTROL_DEAD_MS)
      return this.#fail('peer_lost', 'has not been heard of for 9 seconds');
    if (this.#silentBeats * BEAT_MS >= CONTROL_PING_MS) this.ask();
  }

  #send(frame: ToRelay): void {
    if (this.#ws.readyState !== WebSocket.OPEN) return;
    this.#ws.send(pack(frame));
    if (this.#ws.bufferedAmount > UNREAD_MAX) this.#fail('quota_exceeded', 'does not read what it is told');
  }

  #error(code: SkeinError['code'], what: string): SkeinError {
    return new SkeinError(code, `The relay ${this.#address.url} ${what}.`);
  }

  #fail(code: SkeinError['code'], what: string): void {
    this.#end(this.#error(code, what));
  }

  #end(error: SkeinError): void {
    if (this.#over) return;
    this.#over = true;
    clearTimeout(this.#timer);
    clearInterval(this.#beat);
    for (const dial of this.#dials.values()) dial.reject(error);
    this.#dials.clear();
    // Nothing is owed to a relay: what is left is closed at once.
    this.#ws.on('error', () => {});
    this.#ws.terminate();
    this.#events.closed(error);
  }
}
