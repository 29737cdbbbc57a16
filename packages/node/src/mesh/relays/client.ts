/**
 * One relay, kept in touch with (rules R1, R3, C4): registers, comes back when it is lost, dials through it. Each try is a
 * ./control.ts of its own; the first that may register wins, and at most one does so at a time.
 */
import { SkeinError } from '@skein/protocol/errors';
import { formatRelayAddress, type RelayAddress } from '@skein/protocol/relay/address';
import type { RelayStatus } from '../api.ts';
import type { Identity } from '../identity.ts';
import { RelayControl } from './control.ts';
import { openWire } from './data.ts';
import type { RelayPins } from './pins.ts';
import {
  DOUBT_MS,
  FULL_TRIES,
  isDoubtful,
  isFull,
  isLasting,
  OVERLAP_MS,
  REFUSED_MS,
  REGISTERING_MS,
  retryIn,
  STEADY_MS,
  TRIES_MAX,
} from './retry.ts';
import { Rival } from './rival.ts';
import type { Wire } from './wires.ts';

/** Milliseconds between looks at a relay that somebody waits for. */
const LOOK_MS = 250;

interface RelayClientOptions {
  address: RelayAddress;
  /** Whether others may reach this node through it; false for a relay that is only dialled through. */
  listen: boolean;
  admission: string | undefined;
  identity: Identity;
  pins: RelayPins;
  /** Whether this client may register there: false while another of this node's does. */
  claim(relay: string): boolean;
  /** Somebody dials this node. */
  incoming(token: Uint8Array, from: string): void;
  /** It was registered, or lost. */
  changed(registered: boolean): void;
}

export class RelayClient {
  readonly address: RelayAddress;
  readonly listen: boolean;
  readonly #options: RelayClientOptions;
  readonly #rival: Rival;
  readonly #tries = new Set<RelayControl>();
  #current: RelayControl | undefined;
  #registering: { control: RelayControl; since: number } | undefined;
  #timer: NodeJS.Timeout | undefined;
  #hurried = false;
  #stopped = false;
  #failures = 0;
  /** performance.now() of the last registration; undefined before the first. */
  #admitted: number | undefined;
  /** Refusals since then that were taken for damage on the way. */
  #doubted = 0;
  /** Whether another try was under way when the present registration began, or since: it may take that one's place. */
  #overlapped = false;
  #lastTry = Number.NEGATIVE_INFINITY;
  #nextTry = 0;
  /** performance.now() before which a relay that said goaway need not be tried. */
  #leaving = 0;
  #error: SkeinError | undefined;
  /** performance.now() when that was said. */
  #refusedAt = 0;
  #webSocket = false;
  /** The relay's PeerId, once it has proved it. */
  id: string | undefined;
  /** performance.now() of the last use, for those that are not configured. */
  usedAt = performance.now();

  constructor(options: RelayClientOptions) {
    this.#options = options;
    this.address = options.address;
    this.listen = options.listen;
    this.#rival = new Rival(options.identity, this.address.url);
    this.id = this.expected;
    this.#look();
  }

  /** The PeerId that the relay must prove: as pinned, or as first seen. */
  get expected(): string | undefined {
    return this.address.relay ?? this.#options.pins.get(this.address.url);
  }

  /** The token that it admits this node by, if it wants one. */
  get admission(): string | undefined {
    return this.#options.admission;
  }

  get registered(): boolean {
    return this.#current !== undefined;
  }

  /** Whether the relay has been asked just now, and may answer at any moment. */
  get registering(): boolean {
    return performance.now() - (this.#registering?.since ?? Number.NEGATIVE_INFINITY) < REGISTERING_MS;
  }

  /** Why it cannot be used now. */
  get lacks(): string {
    return this.#error?.message ?? `the relay ${this.address.url} has not answered yet`;
  }

  /** Whether it has refused this node since then, for a reason that lasts or often enough. */
  refused(since: number): boolean {
    if (this.#current !== undefined || this.#error === undefined || this.#refusedAt < since) return false;
    const { code } = this.#error;
    return isLasting(code) || (isFull(code) && this.#failures >= FULL_TRIES);
  }

  /** As others are told of it: pinned, once it is known. */
  get told(): string {
    return formatRelayAddress(
      this.id === undefined ? this.address : { url: this.address.url, relay: this.id },
    );
  }

  status(): RelayStatus {
    const refused = this.#error !== undefined && isLasting(this.#error.code);
    const state = this.registered ? 'registered' : refused ? 'refused' : 'connecting';
    const error = this.registered ? this.#rival.told : this.#error;
    return {
      url: this.address.url,
      state,
      ...(this.id !== undefined && { relay: this.id }),
      ...(error !== undefined && { error: error.message, code: error.code }),
      ...(this.#current?.rtt !== undefined && { rtt: this.#current.rtt }),
    };
  }

  /** Whether somebody waits for it. */
  hurry(hurried: boolean): void {
    if (this.#hurried === hurried) return;
    this.#hurried = hurried;
    // What lasts is asked about anew as well, but no more often than while somebody waits.
    const lasts = isLasting(this.#error?.code ?? 'internal');
    if (hurried) this.#nextTry = lasts ? Math.min(this.#nextTry, this.#lastTry + REFUSED_MS) : 0;
    this.#look();
  }

  /** Something changed that may have cut it off, or brought it back. */
  nudge(): void {
    this.#current?.ask();
    this.#nextTry = 0;
    this.#look();
  }

  /** A wire to a peer, when it has come to its end of it; throws why not. */
  async dial(peer: string, signal: AbortSignal, onProgress: () => void): Promise<Wire> {
    this.usedAt = performance.now();
    const control = this.#current;
    if (control === undefined)
      throw this.#error ?? new SkeinError('peer_lost', 'The relay is not connected.');
    // What is said to one that is dead arrives all the same, when the way is there again and nobody wants it any more.
    control.ask();
    if (control.unanswered > DOUBT_MS)
      throw new SkeinError('peer_lost', 'The relay does not answer just now.');
    const token = await control.dial(peer);
    signal.throwIfAborted();
    onProgress();
    return await this.wire(token, signal);
  }

  async wire(token: Uint8Array, signal: AbortSignal): Promise<Wire> {
    const opened = await openWire(this.address, token, { signal, webSocket: this.#webSocket });
    this.#webSocket = opened.webSocket;
    return opened.wire;
  }

  decline(token: Uint8Array): void {
    this.#current?.decline(token);
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
    for (const control of [...this.#tries, this.#current]) control?.close();
  }

  /** Does what is due, and plans when to look again. */
  #look(): void {
    clearTimeout(this.#timer);
    if (this.#stopped) return;
    const now = performance.now();
    if (this.#due(now)) this.#try(now);
    const idle = this.#current !== undefined && !this.#hurried;
    if (idle || (!this.#hurried && this.#tries.size > 0)) return;
    const wait = this.#hurried ? LOOK_MS : Math.max(0, this.#nextTry - now);
    this.#timer = setTimeout(() => this.#look(), wait);
  }

  #due(now: number): boolean {
    if (this.#current !== undefined) {
      if (!this.#hurried) return false;
      this.#current.ask();
      // It may be dead, and nobody has time to find that out.
      return this.#current.unanswered > DOUBT_MS && this.#overlaps(now);
    }
    if (this.#tries.size > 0) return this.#hurried && this.#overlaps(now);
    return now >= this.#nextTry && (this.#hurried || now >= this.#leaving);
  }

  #overlaps(now: number): boolean {
    return now - this.#lastTry >= OVERLAP_MS;
  }

  #try(now: number): void {
    this.#lastTry = now;
    this.#overlapped ||= this.#current !== undefined;
    const [oldest] = this.#tries;
    if (oldest !== undefined && this.#tries.size >= TRIES_MAX) oldest.close();
    const { address, listen, identity, admission, pins } = this.#options;
    const control = new RelayControl(
      address,
      identity,
      { listen, admission },
      {
        challenged: (relay) => this.#challenged(control, relay),
        registered: (relay) => {
          // What a peer names is not the user's to be remembered.
          if (listen && address.relay === undefined) pins.set(address.url, relay);
          this.id = relay;
          this.#registered(control);
        },
        incoming: (token, from) => this.#options.incoming(token, from),
        goaway: (after) => {
          this.#leaving = performance.now() + Math.random() * after;
        },
        closed: (error) => this.#closed(control, error),
      },
    );
    this.#tries.add(control);
  }

  #challenged(control: RelayControl, relay: string): boolean {
    const { expected } = this;
    if (expected !== undefined && relay !== expected) {
      const text = `${this.address.url} is another relay than before: ${relay}, not ${expected}. If that is right, give its address with #${relay}.`;
      throw new SkeinError('relay_changed', text, { relay, expected });
    }
    if (!this.#options.claim(relay)) {
      this.#error = new SkeinError('replaced', `${this.address.url} is a relay that is used already.`);
      return false;
    }
    // Two that register at once would replace each other; a try that is stuck with it is passed over.
    if (this.registering) return false;
    this.#registering?.control.close();
    this.#registering = { control, since: performance.now() };
    return true;
  }

  #registered(control: RelayControl): void {
    const before = this.#current;
    this.#current = control;
    this.#registering = undefined;
    this.#failures = 0;
    this.#admitted = performance.now();
    this.#error = undefined;
    this.#tries.delete(control);
    this.#overlapped = this.#tries.size > 0;
    before?.close();
    for (const other of [...this.#tries]) other.close();
    this.#options.changed(true);
    this.#look();
  }

  /** What is to be thought of an end: that it was damage, that it lasts as what was said before, or what it says. */
  #weighed(error: SkeinError, isTry: boolean): SkeinError {
    if (!isTry && performance.now() - (this.#admitted ?? 0) >= STEADY_MS) this.#doubted = 0;
    if (isDoubtful(error.code, this.#admitted !== undefined, this.#doubted)) {
      this.#doubted++;
      return new SkeinError('peer_lost', error.message);
    }
    return error.code === 'peer_lost' && this.#error && isLasting(this.#error.code) ? this.#error : error;
  }

  #closed(control: RelayControl, error: SkeinError): void {
    const isTry = this.#tries.delete(control);
    if (this.#registering?.control === control) this.#registering = undefined;
    if (this.#stopped || (!isTry && control !== this.#current)) return;
    // A try that another has made superfluous says nothing of the relay.
    if (isTry && this.#current !== undefined) return;
    if (!isTry) this.#current = undefined;
    const said = isTry || this.#overlapped ? error : this.#rival.weighed(error);
    this.#error = this.#weighed(said, isTry);
    if (error.code !== 'peer_lost') this.#refusedAt = performance.now();
    const wait = retryIn(this.#failures, this.#hurried, this.#error.code);
    this.#nextTry = performance.now() + wait;
    if (!this.#hurried) this.#nextTry = Math.max(this.#nextTry, this.#leaving);
    this.#failures++;
    if (!isTry) this.#options.changed(false);
    this.#look();
  }
}
