/** The two kinds of end that a splice has, bare socket and WebSocket, behind one interface, so that either joins either. */
import type { Duplex } from 'node:stream';
import { SPLICE_HIGH_WATER } from '@skein/protocol/relay/limits';
import type { WebSocket } from 'ws';

interface EndEvents {
  data(chunk: Buffer): void;
  /** There is room again after a write that returned false. */
  drain(): void;
  /** The far side sends no more. */
  ended(): void;
  /** Gone, whatever the reason; the last event. */
  closed(): void;
}

export interface End {
  events: EndEvents | undefined;
  /** Bytes that it has not yet taken. */
  readonly waiting: number;
  /** False above the high-water mark: wait for `drain`. */
  write(chunk: Buffer): boolean;
  pause(): void;
  resume(): void;
  /** Sends what waits, then tells that no more will come; goes on reading where that is possible. */
  end(): void;
  /** Sends what waits, then closes. */
  finish(): void;
  destroy(): void;
}

/** A socket with half-close, as `finish` needs it: net's and tls's have this method. */
export type RawSocket = Duplex & { destroySoon(): void };

export class RawEnd implements End {
  events: EndEvents | undefined;
  readonly #socket: RawSocket;

  constructor(socket: RawSocket) {
    this.#socket = socket;
    socket.on('data', (chunk: Buffer) => this.events?.data(chunk));
    socket.on('drain', () => this.events?.drain());
    socket.on('end', () => this.events?.ended());
    socket.on('close', () => this.events?.closed());
  }

  get waiting(): number {
    return this.#socket.writableLength;
  }

  write(chunk: Buffer): boolean {
    return !this.#socket.writable || this.#socket.write(chunk);
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  end(): void {
    this.#socket.end();
  }

  finish(): void {
    this.#socket.destroySoon();
  }

  destroy(): void {
    this.#socket.destroy();
  }
}

export class WsEnd implements End {
  events: EndEvents | undefined;
  readonly #socket: Duplex;
  readonly #ws: WebSocket;

  constructor(ws: WebSocket, socket: Duplex) {
    this.#ws = ws;
    this.#socket = socket;
    ws.on('message', (data: Buffer, binary: boolean) => {
      if (binary) this.events?.data(data);
      else this.destroy();
    });
    socket.on('drain', () => this.events?.drain());
    // ws closes after an error.
    ws.on('error', () => {});
    ws.on('close', () => this.events?.closed());
  }

  get waiting(): number {
    return this.#ws.bufferedAmount;
  }

  write(chunk: Buffer): boolean {
    if (this.#ws.readyState !== this.#ws.OPEN) return true;
    this.#ws.send(chunk, { binary: true });
    return !this.#socket.writableNeedDrain && this.#ws.bufferedAmount < SPLICE_HIGH_WATER;
  }

  pause(): void {
    this.#ws.pause();
  }

  resume(): void {
    this.#ws.resume();
  }

  /** A WebSocket has no half-close; what the far side has sent before its answer still comes. */
  end(): void {
    this.#ws.close(1000);
  }

  finish(): void {
    this.#ws.close(1000);
  }

  destroy(): void {
    this.#ws.terminate();
  }
}
