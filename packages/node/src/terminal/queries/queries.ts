/**
 * Takes out of a program's output whatever makes a terminal answer (H7), for every viewer but the one that answers. Each
 * such byte becomes NUL, which terminals ignore, so that byte offsets stay what they are.
 */

import { type Intent, intentOf } from '../emulator/asks.ts';
import { HOLD } from '../emulator/intake.ts';
import { BEL, ENQ, ESC, isString, State, Walker } from './sequences.ts';

const BACKSLASH = 0x5c;
const QUESTION = 0x3f;
const NOTHING = new Uint8Array(0);

interface NeutraliserOptions {
  /** Also take out bells and notifications, as for replayed history. */
  bells?: boolean;
}

/** What becomes of a string that is too long to be held until its end. */
type Passing = 'pass' | 'drop' | 'dropQuestions';

export class Neutraliser {
  readonly #bells: boolean;
  readonly #walker = new Walker();
  #held = NOTHING;
  /** Set while a string longer than HOLD goes through. */
  #within: number = State.GROUND;
  #passing: Passing = 'pass';
  /** The sequence before was cut short by the introducer of the next one, which therefore must not vanish. */
  #cut = false;

  constructor(options: NeutraliserOptions = {}) {
    this.#bells = options.bells ?? false;
  }

  /** Bytes taken in and not yet given out: the beginning of a sequence whose end will tell. */
  get pending(): number {
    return this.#held.length;
  }

  /** Whether what comes next is the rest of a long string that was taken out. */
  get dropping(): boolean {
    return this.#within !== State.GROUND && this.#passing === 'drop';
  }

  /** The next bytes, neutralised. May be the chunk itself or a part of it; the chunk is never changed. */
  push(chunk: Uint8Array): Uint8Array {
    const bytes = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk]);
    if (bytes === chunk && this.#within === State.GROUND && !this.#cut && this.#plain(chunk)) return chunk;
    const out = new Editor(bytes);
    const end = this.#run(bytes, out);
    this.#held = end === bytes.length ? NOTHING : new Uint8Array(bytes.subarray(end));
    return out.result(end);
  }

  /** Gives out what is held when no more will come: an unfinished sequence, which does nothing. */
  flush(): Uint8Array {
    const rest = this.#held;
    this.#held = NOTHING;
    return rest;
  }

  #plain(chunk: Uint8Array): boolean {
    const buffer = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length);
    return !(
      buffer.includes(ESC) ||
      buffer.includes(0xc2) ||
      buffer.includes(ENQ) ||
      (this.#bells && buffer.includes(BEL))
    );
  }

  /** Edits sequence by sequence and returns how far that went. */
  #run(bytes: Uint8Array, out: Editor): number {
    let at = 0;
    while (at < bytes.length) {
      if (this.#within !== State.GROUND) {
        const ending = this.#walker.resume(bytes, at, this.#within);
        const { end } = this.#walker;
        this.#editPassing(bytes, at, end, out);
        this.#within = this.#walker.state;
        this.#cut = ending === 'cut' && this.#passing !== 'drop';
        if (ending === 'open') return end;
        at = end;
        continue;
      }
      const from = this.#ground(bytes, at, out);
      if (from > at) this.#cut = false;
      if (from >= bytes.length) {
        // Half of a C1 control, perhaps.
        return bytes[bytes.length - 1] === 0xc2 ? bytes.length - 1 : bytes.length;
      }
      const ending = this.#walker.begin(bytes, from);
      at = this.#walker.end;
      const { kind } = this.#walker;
      if (ending === 'open') {
        if (bytes.length - from <= HOLD) return from;
        this.#beginPassing(bytes, from, at, out);
        return at;
      }
      const acts = ending === 'done' || (ending === 'cut' && isString(kind));
      if (acts && this.#unwanted(intentOf(bytes, from, at, kind), bytes, from, at)) {
        this.#remove(bytes, from, at, kind, out);
        this.#cut = false;
      } else {
        if (!isString(kind)) this.#editControls(bytes, from, at, out);
        this.#cut = ending === 'cut';
      }
    }
    return at;
  }

  /** The index of the next introducer, on the way to which nothing but controls can be unwanted. */
  #ground(bytes: Uint8Array, at: number, out: Editor): number {
    const { length } = bytes;
    for (let i = at; i < length; i++) {
      const byte = bytes[i] ?? 0;
      if (byte >= 0x20 && byte !== 0xc2) continue;
      if (byte === ESC || (byte === 0xc2 && ((bytes[i + 1] ?? 0) & 0xe0) === 0x80)) return i;
      if (this.#calls(byte)) out.set(i, 0);
    }
    return length;
  }

  #unwanted(intent: Intent, bytes: Uint8Array, from: number, to: number): boolean {
    if (intent === 'calls') return this.#bells;
    if (intent === 'mayAsk') return bytes.subarray(from, to).includes(QUESTION);
    return intent === 'asks';
  }

  #remove(bytes: Uint8Array, from: number, to: number, kind: number, out: Editor): void {
    for (let i = from; i < to; i++) {
      const byte = bytes[i] ?? 0;
      // A line feed in the middle of a query is still a line feed.
      const acts = !isString(kind) && byte < 0x20 && byte !== ESC;
      if (!acts || this.#calls(byte)) out.set(i, 0);
    }
    if (!this.#cut) return;
    // The introducer ended what was before it. So does ST; and PAD, which drops a string as any C1 control does.
    out.set(from, bytes[from] ?? 0);
    out.set(from + 1, bytes[from] === ESC ? BACKSLASH : 0x80);
  }

  /** A long string: what it is was to be seen from its beginning. */
  #beginPassing(bytes: Uint8Array, from: number, to: number, out: Editor): void {
    const { kind, state } = this.#walker;
    const intent = isString(kind) ? intentOf(bytes, from, to, kind) : 'harmless';
    this.#within = state;
    this.#passing =
      intent === 'mayAsk' ? 'dropQuestions' : this.#unwanted(intent, bytes, from, to) ? 'drop' : 'pass';
    if (this.#passing === 'drop') this.#remove(bytes, from, to, kind, out);
    else this.#editPassing(bytes, from, to, out);
  }

  #editPassing(bytes: Uint8Array, from: number, to: number, out: Editor): void {
    if (this.#passing === 'pass') {
      if (!isString(this.#within)) this.#editControls(bytes, from, to, out);
      return;
    }
    for (let i = from; i < to; i++) {
      if (this.#passing === 'drop' || bytes[i] === QUESTION) out.set(i, 0);
    }
  }

  /** Outside strings: ENQ is a query of one byte, BEL a bell. */
  #editControls(bytes: Uint8Array, from: number, to: number, out: Editor): void {
    for (let i = from; i < to; i++) {
      if (this.#calls(bytes[i] ?? 0)) out.set(i, 0);
    }
  }

  #calls(byte: number): boolean {
    return byte === ENQ || (byte === BEL && this.#bells);
  }
}

/** Copies the bytes when the first of them changes. */
class Editor {
  readonly #source: Uint8Array;
  #copy: Uint8Array | undefined;

  constructor(source: Uint8Array) {
    this.#source = source;
  }

  set(index: number, byte: number): void {
    this.#copy ??= new Uint8Array(this.#source); // Buffer.slice would not copy
    this.#copy[index] = byte;
  }

  result(end: number): Uint8Array {
    const bytes = this.#copy ?? this.#source;
    return end === bytes.length ? bytes : bytes.subarray(0, end);
  }
}
