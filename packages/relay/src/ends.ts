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

/** Pieces that an end may have been given and not taken, whatever their bytes: the smallest cost some hundred times their own. */
const PIECES_MAX = 256;

/** Counts the pieces that an end has not taken. */
class Pieces {
  #count = 0;
  #full = false;
  readonly #room: () => void;

  /** `room` is called when there is some again after `add` said that there is none. */
  constructor(room: () => void) {
    this.#room = room;
  }

  /** One more; false when it should be the last for now. */
  add(): boolean {
    this.#full ||= ++this.#count >= PIECES_MAX;
    return !this.#full;
  }

  /** One was taken. */
  readonly taken = (): void => {
    if (--this.#count >= PIECES_MAX / 2 || !this.#full) return;
    this.#full = false;
    this.#room();
  };
}

/** A socket with half-close, as `finish` needs it: net's and tls's have this method. */
export type RawSocket = Duplex & { destroySoon(): void };

export class RawEnd implements End {
  events: EndEvents | undefined;
  readonly #socket: RawSocket;
  readonly #pieces = new Pieces(() => this.events?.drain());

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
    if (!this.#socket.writable) return true;
    const few = this.#pieces.add();
    return this.#socket.write(chunk, this.#pieces.taken) && few;
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
  #read: Buffer[] = [];
  readonly #pieces = new Pieces(() => this.events?.drain());

  constructor(ws: WebSocket, socket: Duplex) {
    this.#ws = ws;
    this.#socket = socket;
    ws.on('message', (data: Buffer, binary: boolean) => {
      if (!binary) this.destroy();
      // An empty one carries nothing, and would be counted by nobody.
      else if (data.length > 0) this.#gather(data);
    });
    socket.on('drain', () => this.events?.drain());
    // ws closes after an error.
    ws.on('error', () => {});
    ws.on('close', () => this.events?.closed());
  }

  /** What one read brings goes on in one piece: a read can hold ten thousand messages. */
  #gather(data: Buffer): void {
    this.#read.push(data);
    if (this.#read.length > 1) return;
    queueMicrotask(() => {
      const read = this.#read;
      this.#read = [];
      this.events?.data(read.length === 1 ? data : Buffer.concat(read));
    });
  }

  get waiting(): number {
    return this.#ws.bufferedAmount;
  }

  write(chunk: Buffer): boolean {
    if (this.#ws.readyState !== this.#ws.OPEN) return true;
    const few = this.#pieces.add();
    this.#ws.send(chunk, { binary: true }, this.#pieces.taken);
    return few && !this.#socket.writableNeedDrain && this.#ws.bufferedAmount < SPLICE_HIGH_WATER;
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
