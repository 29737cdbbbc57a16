/** Holds the output that a driver has not consumed yet, so that each byte is looked at once however finely it comes. */
import { MAX_LINE } from './state.ts';

const NEWLINE = 10;

export interface Presented {
  offset: number;
  bytes: Uint8Array;
}

export class Pending {
  #offset: number;
  #chunks: Uint8Array[] = [];
  #held = 0;
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
      const out = this.#take(bytes.subarray(0, end));
      this.#hold(bytes.subarray(end));
      return out;
    }
    this.#hold(bytes);
    return this.#held > this.#maxLine ? this.#take() : undefined;
  }

  /** What is left when the output has ended. */
  end(): Presented {
    return this.#take();
  }

  #hold(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.#chunks.push(bytes);
    this.#held += bytes.length;
  }

  #take(last?: Uint8Array): Presented {
    if (last !== undefined) this.#hold(last);
    const only = this.#chunks.length === 1 ? this.#chunks[0] : undefined;
    const out = { offset: this.#offset, bytes: only ?? joined(this.#chunks, this.#held) };
    this.#offset += this.#held;
    this.#chunks = [];
    this.#held = 0;
    return out;
  }
}

function joined(chunks: readonly Uint8Array[], length: number): Uint8Array {
  const out = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    out.set(chunk, at);
    at += chunk.length;
  }
  return out;
}
