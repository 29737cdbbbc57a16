/**
 * Reads WebSocket frames as a server sends them (RFC 6455 §5): unmasked, perhaps fragmented. Lengths are checked before
 * memory is taken (rule C5).
 */
import { SkeinError } from '@skein/protocol/errors';
import { MAX_FRAME } from '@skein/protocol/limits';

export const Opcode = { CONTINUATION: 0, TEXT: 1, BINARY: 2, CLOSE: 8, PING: 9, PONG: 10 } as const;

/** Bytes that a control frame may carry (§5.5). */
const CONTROL_MAX = 125;

interface WsEvents {
  /** A whole binary message. It may be a view of what was pushed: copy it to keep it. */
  message(bytes: Uint8Array): void;
  ping(payload: Uint8Array): void;
  close(): void;
}

export class WsReader {
  readonly #events: WsEvents;
  #chunks: Uint8Array[] = [];
  #size = 0;
  /** Bytes needed for the next step: a frame's first two, its long length, its payload. */
  #need = 2;
  #step: 'head' | 'length' | 'payload' = 'head';
  #opcode = 0;
  #last = false;
  /** Parts of a fragmented message so far. */
  #fragments: Uint8Array[] | undefined;
  #fragmented = 0;

  constructor(events: WsEvents) {
    this.#events = events;
  }

  /** Takes bytes in; throws `bad_frame` or `frame_too_large`, after which the stream can not be read any further. */
  push(chunk: Uint8Array): void {
    this.#chunks.push(chunk);
    this.#size += chunk.length;
    while (this.#size >= this.#need) this.#advance(this.#take(this.#need));
  }

  #advance(bytes: Uint8Array): void {
    if (this.#step === 'head') this.#head(bytes[0] as number, bytes[1] as number);
    else if (this.#step === 'length') {
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
      this.#length(bytes.length === 2 ? view.getUint16(0) : Number(view.getBigUint64(0)));
    } else this.#payload(bytes);
  }

  #head(first: number, second: number): void {
    this.#last = (first & 0x80) !== 0;
    this.#opcode = first & 0x0f;
    const length = second & 0x7f;
    if ((first & 0x70) !== 0) throw bad('reserved bits are set');
    if ((second & 0x80) !== 0) throw bad('a server does not mask');
    const { CONTINUATION, BINARY, CLOSE, PING, PONG } = Opcode;
    const control = this.#opcode === CLOSE || this.#opcode === PING || this.#opcode === PONG;
    if (control && (!this.#last || length > CONTROL_MAX)) throw bad('a control frame is short and whole');
    if (!control && this.#opcode !== (this.#fragments === undefined ? BINARY : CONTINUATION))
      throw bad(`opcode ${this.#opcode} does not belong here`);
    if (length < 126) this.#length(length);
    else {
      this.#step = 'length';
      this.#need = length === 126 ? 2 : 8;
    }
  }

  #length(length: number): void {
    // What is fragmented counts as a whole; a control frame may come in between.
    if ((this.#opcode >= Opcode.CLOSE ? 0 : this.#fragmented) + length > MAX_FRAME) {
      throw new SkeinError('frame_too_large', `A frame of ${length} bytes is not allowed.`, { length });
    }
    this.#step = 'payload';
    this.#need = length;
  }

  #payload(bytes: Uint8Array): void {
    this.#step = 'head';
    this.#need = 2;
    if (this.#opcode === Opcode.PING) return this.#events.ping(bytes);
    if (this.#opcode === Opcode.CLOSE) return this.#events.close();
    if (this.#opcode === Opcode.PONG) return;
    if (this.#last && this.#fragments === undefined) return this.#events.message(bytes);
    this.#fragments ??= [];
    this.#fragments.push(bytes);
    this.#fragmented += bytes.length;
    if (!this.#last) return;
    const whole = Buffer.concat(this.#fragments);
    this.#fragments = undefined;
    this.#fragmented = 0;
    this.#events.message(whole);
  }

  /** The next `count` bytes, which have arrived, without copying when they lie in one chunk. */
  #take(count: number): Uint8Array {
    const first = this.#chunks[0];
    this.#size -= count;
    if (first === undefined) return new Uint8Array(0);
    if (first.length > count) {
      this.#chunks[0] = first.subarray(count);
      return first.subarray(0, count);
    }
    if (first.length === count) {
      this.#chunks.shift();
      return first;
    }
    const whole = this.#chunks.length === 1 ? first : Buffer.concat(this.#chunks);
    this.#chunks = whole.length === count ? [] : [whole.subarray(count)];
    return whole.subarray(0, count);
  }
}

function bad(why: string): SkeinError {
  return new SkeinError('bad_frame', `This is not a WebSocket frame: ${why}.`);
}
