/** One connection of the host's socket: whole frames in, frames out, and a way to know when the reader is slow. */
import type { Socket } from 'node:net';
import { pack } from '@skein/protocol/codec';
import { SkeinError } from '@skein/protocol/errors';
import { FrameReader, frame, HOST_HEADER, HostFrame, offsetFrame } from '@skein/protocol/host/frames';
import { MAX_HELLO } from '@skein/protocol/limits';

/** Bytes of one frame of a flood. */
const FLOOD_MAX = 64 * 1024;
/** Bytes up to which one write of a copy is cheaper than two of parts. */
const COPY_MAX = 16 * 1024;

export interface LinkEvents {
  frame(type: number, payload: Uint8Array): void;
  /** The system has taken all that was sent, after it had to wait. */
  drained?(): void;
  closed(): void;
}

export class Link {
  readonly #socket: Socket;
  readonly #reader: FrameReader;
  /** Bytes of this turn that are still to be sent as one frame. */
  readonly #flood = { type: 0, offset: 0, end: 0, size: 0, parts: [] as Uint8Array[] };
  #sentThisTurn = false;
  events: LinkEvents | undefined;

  constructor(socket: Socket) {
    this.#socket = socket;
    const reader = new FrameReader();
    reader.limit = MAX_HELLO;
    this.#reader = reader;
    socket.on('data', (chunk: Uint8Array) => {
      try {
        reader.push(chunk, (type, payload) => {
          if (!socket.destroyed) this.events?.frame(type, payload);
        });
      } catch (error) {
        this.refuse(SkeinError.from(error));
      }
    });
    // A reset is a close like any other.
    socket.on('error', () => {});
    socket.on('drain', () => this.events?.drained?.());
    socket.on('close', () => this.events?.closed());
  }

  /** Bytes not yet taken by the system. */
  get buffered(): number {
    return this.#socket.writableLength;
  }

  /** Sends a frame that is already whole. */
  send(whole: Uint8Array): void {
    this.#sendFlood();
    if (this.#socket.writable) this.#socket.write(whole);
  }

  /** What is sent meanwhile goes at once. */
  together(send: () => void): void {
    this.#socket.cork();
    send();
    this.#socket.uncork();
  }

  sendValue(type: number, value: unknown): void {
    this.send(frame(type, pack(value)));
  }

  /**
   * Sends a frame of an offset and bytes. The first of a turn of the loop goes at once, since it may be the echo of a key;
   * those that follow in the same turn are a flood, and what joins on goes as one frame, uncopied.
   */
  sendBytes(type: number, offset: number, bytes: Uint8Array): void {
    if (!this.#socket.writable) return;
    const first = !this.#sentThisTurn;
    if (first) {
      this.#sentThisTurn = true;
      setImmediate(this.#turnEnds);
    }
    if (first && bytes.length <= COPY_MAX) {
      this.#socket.write(offsetFrame(type, offset, bytes));
      return;
    }
    const flood = this.#flood;
    if (
      flood.size > 0 &&
      (flood.type !== type || flood.end !== offset || flood.size + bytes.length > FLOOD_MAX)
    )
      this.#sendFlood();
    if (flood.size === 0) {
      flood.type = type;
      flood.offset = offset;
    }
    flood.parts.push(bytes);
    flood.size += bytes.length;
    flood.end = offset + bytes.length;
  }

  readonly #turnEnds = (): void => {
    this.#sentThisTurn = false;
    this.#sendFlood();
  };

  #sendFlood(): void {
    const flood = this.#flood;
    if (flood.size === 0) return;
    const head = Buffer.allocUnsafe(HOST_HEADER + 8);
    head.writeUInt32BE(9 + flood.size, 0);
    head[4] = flood.type;
    head.writeDoubleBE(flood.offset, HOST_HEADER);
    this.#socket.cork();
    this.#socket.write(head);
    for (const part of flood.parts) this.#socket.write(part);
    this.#socket.uncork();
    flood.parts = [];
    flood.size = 0;
  }

  /** Who it is is known now, and so how much it may say at once. */
  allow(bytes: number): void {
    this.#reader.limit = bytes;
  }

  /** Says why, and closes; nothing of what it still sends is read. */
  refuse(error: SkeinError): void {
    if (this.#socket.destroyed) return;
    this.#socket.removeAllListeners('data');
    this.#socket.pause();
    this.#sendFlood();
    this.#socket.write(frame(HostFrame.ERROR, pack(error.toBody())));
    this.#socket.destroySoon();
  }

  close(): void {
    this.#socket.destroy();
  }

  /** Ends once all that was sent is taken. */
  end(): void {
    this.#sendFlood();
    this.#socket.end();
  }
}
