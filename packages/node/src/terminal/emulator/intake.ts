/** Cuts a byte stream so that an emulator that was fed what came out is always between two sequences (H5). */

import { State, unfinished, Walker } from '../queries/sequences.ts';

/**
 * Bytes. The longest unfinished sequence that is kept back; only strings (pictures, clipboards) are longer. They are passed
 * on as they come: they act when they end, so that the screen meanwhile still is the one before them.
 */
export const HOLD = 4096;

const NOTHING = new Uint8Array(0);

/** Bytes to feed now. */
interface Portion {
  bytes: Uint8Array;
  /** The offset of the first of them. */
  start: number;
  /** The parser's state before them: GROUND, unless a long string is under way. */
  within: number;
}

export class Intake {
  /** Every byte before it has acted, none after. */
  offset: number;
  #held = NOTHING;
  /** Bytes of a long string that were passed on since `offset`. */
  #passed = 0;
  #within: number = State.GROUND;
  readonly #walker = new Walker();

  constructor(offset: number) {
    this.offset = offset;
  }

  /** The bytes taken in past `offset`. */
  get pending(): number {
    return this.#passed + this.#held.length;
  }

  push(chunk: Uint8Array): Portion {
    const bytes = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk]);
    return this.#within === State.GROUND ? this.#fromGround(bytes) : this.#inString(bytes);
  }

  /** Forgets what is unfinished and goes on at `offset`. */
  skipTo(offset: number): void {
    this.offset = offset;
    this.#held = NOTHING;
    this.#passed = 0;
    this.#within = State.GROUND;
  }

  #fromGround(bytes: Uint8Array): Portion {
    const rest = unfinished(bytes, HOLD);
    const portion = { bytes, start: this.offset, within: State.GROUND };
    if (rest > HOLD) return this.#passOn(portion, bytes.length - rest);
    const ready = bytes.length - rest;
    this.offset += ready;
    this.#hold(bytes, ready);
    portion.bytes = bytes.subarray(0, ready);
    return portion;
  }

  #inString(bytes: Uint8Array): Portion {
    const portion = { bytes, start: this.offset + this.#passed, within: this.#within };
    const ending = this.#walker.resume(bytes, 0, this.#within);
    const { end } = this.#walker;
    if (ending === 'open') {
      this.#passed += end;
      this.#within = this.#walker.state;
      this.#hold(bytes, end);
      portion.bytes = bytes.subarray(0, end);
      return portion;
    }
    const after = bytes.subarray(end);
    const rest = unfinished(after, HOLD);
    // The string acts at the first byte of the sequence that cuts it: they wait for each other.
    if (ending === 'cut' && rest === after.length && bytes.length <= 2 * HOLD) {
      this.#held = new Uint8Array(bytes);
      portion.bytes = NOTHING;
      return portion;
    }
    this.offset = portion.start;
    this.#passed = 0;
    this.#within = State.GROUND;
    if (rest > HOLD) return this.#passOn(portion, bytes.length - rest);
    this.offset += bytes.length - rest;
    this.#hold(bytes, bytes.length - rest);
    portion.bytes = bytes.subarray(0, bytes.length - rest);
    return portion;
  }

  /** Feeds a long unfinished sequence that begins at `from`, and stays before it. */
  #passOn(portion: Portion, from: number): Portion {
    const { bytes } = portion;
    let at = from;
    while (this.#walker.begin(bytes, at) !== 'open') at = this.#walker.end;
    this.#within = this.#walker.state;
    const end = this.#walker.end;
    this.offset += from;
    this.#passed = end - from;
    this.#hold(bytes, end);
    portion.bytes = bytes.subarray(0, end);
    return portion;
  }

  /** Keeps a copy: the caller's buffer may be used again. */
  #hold(bytes: Uint8Array, from: number): void {
    this.#held = from === bytes.length ? NOTHING : new Uint8Array(bytes.subarray(from)); // Buffer.slice would not copy
  }
}
