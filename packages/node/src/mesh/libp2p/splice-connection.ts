/** A wire through a relay as libp2p's upgrader takes it: Noise and Yamux run over it, end to end (rule M1). */
import type { Logger } from '@libp2p/interface';
import { AbstractMultiaddrConnection, type SendResult } from '@libp2p/utils';
import type { Multiaddr } from '@multiformats/multiaddr';
import type { Wire } from '../relays/wires.ts';

/** Milliseconds that the relay may take to let go of a wire that is closed. */
const CLOSE_MS = 1_000;

interface SpliceInit {
  wire: Wire;
  remoteAddr: Multiaddr;
  direction: 'inbound' | 'outbound';
  log: Logger;
}

export class SpliceConnection extends AbstractMultiaddrConnection {
  readonly #wire: Wire;
  readonly #gone: Promise<void>;

  constructor({ wire, ...init }: SpliceInit) {
    super(init);
    this.#wire = wire;
    this.#gone = new Promise((resolve) => {
      wire.listen({
        data: (chunk) => this.onData(chunk),
        drain: () => this.safeDispatchEvent('drain'),
        closed: (error) => {
          resolve();
          if (error === undefined) this.onTransportClosed();
          else this.abort(error);
        },
      });
    });
  }

  override sendData(data: Iterable<Uint8Array> & { byteLength: number }): SendResult {
    const sentBytes = data.byteLength;
    return { sentBytes, canSendMore: this.#wire.write(data) };
  }

  override async sendClose(): Promise<void> {
    this.#wire.finish();
    const timer = setTimeout(() => this.#wire.destroy(), CLOSE_MS);
    await this.#gone;
    clearTimeout(timer);
  }

  override sendReset(): void {
    this.#wire.destroy();
  }

  override sendPause(): void {
    this.#wire.pause();
  }

  override sendResume(): void {
    this.#wire.resume();
  }
}
