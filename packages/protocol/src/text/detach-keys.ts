/**
 * The keys that leave a session. Everything else passes unchanged and at once; only the first key of the two waits for
 * the next one, however long that takes, and pressed twice it is sent once. No clock decides anything. In what is pasted
 * into a program that has asked to be told of that (mode 2004) there are none: what follows them would be the shell's to run.
 */

import { SkeinError } from '../errors.ts';
import { encodedKey } from './encoded-key.ts';
import { keyBytes } from './keys.ts';

export const DEFAULT_DETACH = 'C-\\ d';

/** One key: the byte that it is, and how terminals name it that spell keys out. */
export interface DetachKey {
  byte: number;
  code: number;
  ctrl: boolean;
}

/** `C-\ d` or `C-q` as keys; throws `bad_request` when it is neither one key nor two. */
export function parseDetach(text: string): DetachKey[] {
  const names = text.trim().split(/\s+/);
  if (text.trim() === '' || names.length > 2)
    throw new SkeinError('bad_request', `"${text}" is no detach key. Give one key or two, as in "C-\\ d".`);
  return names.map((name) => {
    const bytes = new TextEncoder().encode(keyBytes(name));
    if (bytes.length !== 1)
      throw new SkeinError(
        'bad_request',
        `"${name}" cannot be a detach key: use a letter or C- and a letter.`,
      );
    const byte = bytes[0] as number;
    const ctrl = byte < 0x20;
    // Terminals name a key with control by its own lower-case letter.
    return {
      byte,
      ctrl,
      code: ctrl
        ? String.fromCharCode(byte | 0x40)
            .toLowerCase()
            .charCodeAt(0)
        : byte,
    };
  });
}

interface Passed {
  pass: Uint8Array;
  detach: boolean;
}

const ESC = 0x1b;
/** What terminals send before and after what is pasted. */
const PASTE = { begins: bytesOf('\x1b[200~'), ends: bytesOf('\x1b[201~') };

export class DetachKeys {
  readonly #first: DetachKey;
  readonly #second: DetachKey | undefined;
  /** The first key, pressed and not yet sent. */
  #held: Uint8Array[] = [];
  #pasting = false;
  /** Bytes of the mark that begins or ends a paste which have come one after the other. */
  #marked = 0;

  constructor(keys: readonly DetachKey[]) {
    const [first, second] = keys;
    if (first === undefined) throw new SkeinError('bad_request', 'There must be a detach key.');
    this.#first = first;
    this.#second = second;
  }

  /** What was held back so far: somebody else looks out for the keys from here on, and reads the end of what is being pasted. */
  release(): Uint8Array {
    this.#pasting = false;
    this.#marked = 0;
    return joined(this.#held.splice(0));
  }

  /** What of these bytes reaches the program, and whether the user wants to leave; what follows that is dropped. */
  push(chunk: Uint8Array): Passed {
    const plain = this.#held.length === 0 && this.#marked === 0 && !chunk.includes(ESC);
    if (plain && (this.#pasting || !chunk.includes(this.#first.byte))) return { pass: chunk, detach: false };
    const out: Uint8Array[] = [];
    for (let at = 0; at < chunk.length; ) {
      if (this.#pasting) {
        const end = this.#turn(chunk, at);
        out.push(...this.#held.splice(0), chunk.subarray(at, end));
        at = end;
        continue;
      }
      const key = keyAt(chunk, at);
      const bytes = chunk.subarray(at, at + key.length);
      at += key.length;
      this.#turn(bytes, 0);
      if (this.#held.length === 0) {
        if (!key.is(this.#first)) out.push(bytes);
        else if (this.#second === undefined) return { pass: joined(out), detach: true };
        else this.#held = [new Uint8Array(bytes)];
      } else if (key.aside) this.#held.push(new Uint8Array(bytes));
      else if (this.#second !== undefined && key.is(this.#second)) {
        this.#held = [];
        return { pass: joined(out), detach: true };
      } else {
        out.push(...this.#held);
        this.#held = [];
        if (!key.is(this.#first)) out.push(bytes);
      }
    }
    return { pass: joined(out), detach: false };
  }

  /** Reads up to where a paste begins or ends, and returns where that is. */
  #turn(bytes: Uint8Array, from: number): number {
    for (let at = from; at < bytes.length; ) {
      const mark = this.#pasting ? PASTE.ends : PASTE.begins;
      const byte = bytes[at++];
      this.#marked = byte === mark[this.#marked] ? this.#marked + 1 : byte === ESC ? 1 : 0;
      if (this.#marked < mark.length) continue;
      this.#marked = 0;
      this.#pasting = !this.#pasting;
      return at;
    }
    return bytes.length;
  }
}

function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function joined(chunks: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(chunks.reduce((size, { length }) => size + length, 0));
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
}

interface Key {
  length: number;
  /** A key let go, or a modifier alone: says nothing about what the user wants. */
  aside: boolean;
  is(key: DetachKey): boolean;
}

function keyAt(chunk: Uint8Array, at: number): Key {
  const byte = chunk[at] as number;
  const encoded = byte === ESC ? encodedKey(chunk, at) : undefined;
  if (encoded === undefined) return { length: 1, aside: false, is: (key) => key.byte === byte };
  const { length, code, ctrl, plain, released, modifier } = encoded;
  return {
    length,
    aside: released || modifier,
    is: (key) => !released && key.code === code && (key.ctrl ? ctrl : plain),
  };
}
