/** Holds the output that a driver has not consumed yet, so that each byte is looked at once however finely it comes. */
import { MAX_LINE } from './state.ts';

const NEWLINE = 10;
/**
 * Bytes of a line from which on it is held in one piece, as long as any may become: memory that is not written to costs
 * nothing, and what it came in need not be kept beside it.
 */
const LONG = 512 * 1024;

export interface Presented {
  offset: number;
  bytes: Uint8Array;
}

export class Pending {
  #offset: number;
  #chunks: Uint8Array[] = [];
  #held = 0;
  /** A line that has become long, the first `#held` bytes of it. */
  #long: Uint8Array | undefined;
  /** Within a line that was too long and has been handed over as such: nothing of it is held any more. */
  #passing = false;
  readonly #maxLine: number;

  /** From the byte at which a state's `consumed` stands. */
  constructor(offset: number, maxLine = MAX_LINE) {
    this.#offset = offset;
    this.#maxLine = maxLine;
  }

  /** Bytes held: never more than the longest line, and one chunk. */
  get held(): number {
    return this.#held;
  }

  /** More output. What is to be handed to the driver now, if anything is: up to the last line's end, or a line too long. */
  push(bytes: Uint8Array): Presented | undefined {
    const end = bytes.lastIndexOf(NEWLINE) + 1;
    if (end > 0) {
      this.#passing = false;
      const out = this.#take(bytes.subarray(0, end));
      this.#hold(bytes.subarray(end));
      return out;
    }
    this.#hold(bytes);
    if (this.#held > this.#maxLine) this.#passing = true;
    return this.#passing && this.#held > 0 ? this.#take() : undefined;
  }

  /** What is left when the output has ended. */
  end(): Presented {
    return this.#take();
  }

  #hold(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    const held = this.#held + bytes.length;
    if (this.#long === undefined && held <= Math.min(LONG, this.#maxLine)) this.#chunks.push(bytes);
    else {
      this.#long = this.#roomFor(held);
      this.#long.set(bytes, this.#held);
    }
    this.#held = held;
  }

  /** The long line's memory, made if need be, with what is held of it. */
  #roomFor(size: number): Uint8Array {
    if (this.#long !== undefined && this.#long.length >= size) return this.#long;
    const room = new Uint8Array(Math.max(size, this.#maxLine + LONG));
    if (this.#long !== undefined) room.set(this.#long.subarray(0, this.#held));
    else join(this.#chunks, room);
    this.#chunks = [];
    return room;
  }

  #take(last?: Uint8Array): Presented {
    if (last !== undefined) this.#hold(last);
    const only = this.#chunks.length === 1 ? this.#chunks[0] : undefined;
    const bytes =
      this.#long?.subarray(0, this.#held) ?? only ?? join(this.#chunks, new Uint8Array(this.#held));
    const out = { offset: this.#offset, bytes };
    this.#offset += this.#held;
    this.#chunks = [];
    this.#long = undefined;
    this.#held = 0;
    return out;
  }
}

function join(chunks: readonly Uint8Array[], into: Uint8Array): Uint8Array {
  let at = 0;
  for (const chunk of chunks) {
    into.set(chunk, at);
    at += chunk.length;
  }
  return into;
}
