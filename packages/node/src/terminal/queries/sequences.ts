/**
 * Where escape sequences begin and end in a byte stream, as xterm.js reads it: VT500 states over UTF-8, in which raw
 * C1 bytes are nothing, but the characters U+0080–U+009F (two bytes, 0xc2 and one more) are C1 controls.
 */

import { decode, decoded, isC1, partialTail } from './utf8.ts';

export const ESC = 0x1b;
export const BEL = 0x07;
export const ENQ = 0x05;
const BACKSLASH = 0x5c;

/** Parser states; `GROUND` is between sequences. */
export const State = {
  GROUND: 0,
  ESCAPE: 1,
  ESCAPE_INTERMEDIATE: 2,
  CSI_ENTRY: 3,
  CSI_PARAM: 4,
  CSI_INTERMEDIATE: 5,
  CSI_IGNORE: 6,
  OSC: 7,
  DCS_ENTRY: 8,
  DCS_PARAM: 9,
  DCS_INTERMEDIATE: 10,
  DCS_IGNORE: 11,
  DCS_DATA: 12,
  STRING: 13,
} as const;
const STATES = 14;

/** How a sequence ended: by itself; by the start of another one; by CAN or SUB; or not yet. */
type Ending = 'done' | 'cut' | 'aborted' | 'open';

/** next[state << 7 | byte] for bytes below 0x80. ESC, CAN and SUB are dealt with before the table is asked. */
const next = buildTable();

function buildTable(): Uint8Array {
  const table = new Uint8Array(STATES << 7);
  const set = (state: number, from: number, to: number, target: number) =>
    table.fill(target, (state << 7) | from, ((state << 7) | to) + 1);
  const S = State;
  // What is not set stays GROUND. Controls and DEL change no state, except that BEL ends an OSC.
  for (let state = 0; state < STATES; state++) {
    set(state, 0x00, 0x1f, state);
    set(state, 0x7f, 0x7f, state);
  }
  set(S.ESCAPE, 0x20, 0x2f, S.ESCAPE_INTERMEDIATE);
  set(S.ESCAPE_INTERMEDIATE, 0x20, 0x2f, S.ESCAPE_INTERMEDIATE);
  set(S.ESCAPE, 0x50, 0x50, S.DCS_ENTRY);
  set(S.ESCAPE, 0x5b, 0x5b, S.CSI_ENTRY);
  set(S.ESCAPE, 0x5d, 0x5d, S.OSC);
  for (const introducer of [0x58, 0x5e, 0x5f]) set(S.ESCAPE, introducer, introducer, S.STRING);
  for (const state of [S.CSI_ENTRY, S.CSI_PARAM, S.CSI_INTERMEDIATE]) {
    set(state, 0x20, 0x2f, S.CSI_INTERMEDIATE);
    set(state, 0x30, 0x3f, state === S.CSI_INTERMEDIATE ? S.CSI_IGNORE : S.CSI_PARAM);
  }
  set(S.CSI_PARAM, 0x3c, 0x3f, S.CSI_IGNORE);
  set(S.CSI_IGNORE, 0x20, 0x3f, S.CSI_IGNORE);
  for (const state of [S.DCS_ENTRY, S.DCS_PARAM, S.DCS_INTERMEDIATE]) {
    set(state, 0x20, 0x2f, S.DCS_INTERMEDIATE);
    set(state, 0x30, 0x3f, state === S.DCS_INTERMEDIATE ? S.DCS_IGNORE : S.DCS_PARAM);
    set(state, 0x40, 0x7e, S.DCS_DATA);
  }
  set(S.DCS_PARAM, 0x3c, 0x3f, S.DCS_IGNORE);
  for (const state of [S.OSC, S.DCS_IGNORE, S.DCS_DATA, S.STRING]) set(state, 0x20, 0x7e, state);
  set(S.OSC, BEL, BEL, S.GROUND);
  return table;
}

/** A string is taken in whole and acts at its end; other sequences run the control characters inside them. */
export function isString(state: number): boolean {
  return state >= State.OSC;
}

/** The state that a C1 control leads to, from wherever. */
function afterC1(control: number): number {
  if (control === 0x90) return State.DCS_ENTRY;
  if (control === 0x9b) return State.CSI_ENTRY;
  if (control === 0x9d) return State.OSC;
  if (control === 0x98 || control === 0x9e || control === 0x9f) return State.STRING;
  return State.GROUND;
}

function afterPrintable(state: number): number {
  return state === State.OSC ||
    state === State.CSI_IGNORE ||
    state === State.DCS_IGNORE ||
    state === State.DCS_DATA
    ? state
    : State.GROUND;
}

/** Walks one sequence at a time; its fields say where it stopped. One is reused for a whole stream. */
export class Walker {
  /** The index after the sequence, or where reading must go on when it is open. */
  end = 0;
  /** The state at `end`: GROUND unless `open`. */
  state: number = State.GROUND;
  /** The last state inside the sequence, which says what kind it was. */
  kind: number = State.GROUND;

  /** Walks the sequence whose introducer is at `from`. */
  begin(bytes: Uint8Array, from: number): Ending {
    if (bytes[from] === ESC) return this.resume(bytes, from + 1, State.ESCAPE);
    this.kind = afterC1(bytes[from + 1] ?? 0);
    if (this.kind !== State.GROUND) return this.resume(bytes, from + 2, this.kind);
    this.end = from + 2;
    return 'done';
  }

  /** Walks on from `from` inside a sequence in `state`. */
  resume(bytes: Uint8Array, from: number, state: number): Ending {
    let i = from;
    let now = state;
    for (; i < bytes.length; i++) {
      const byte = bytes[i] ?? 0;
      if (byte >= 0x80) {
        const length = decode(bytes, i);
        if (length === 0) break;
        if (isC1(decoded())) return this.#atC1(i, now);
        this.kind = now;
        if (decoded() >= 0) now = afterPrintable(now);
        i += length - 1;
      } else if (byte === ESC) {
        if (!isString(now)) return this.#stop('cut', i, now);
        if (i + 1 >= bytes.length) break;
        return bytes[i + 1] === BACKSLASH ? this.#stop('done', i + 2, now) : this.#stop('cut', i, now);
      } else if (byte === 0x18 || byte === 0x1a) {
        return this.#stop('aborted', i + 1, now);
      } else {
        this.kind = now;
        now = next[(now << 7) | byte] ?? State.GROUND;
      }
      if (now === State.GROUND) return this.#stop('done', i + 1, this.kind);
    }
    this.end = i;
    this.state = now;
    this.kind = now;
    return 'open';
  }

  #atC1(i: number, now: number): Ending {
    // Only ST ends a sequence; any other C1 control drops it and acts by itself.
    return decoded() === 0x9c ? this.#stop('done', i + 2, now) : this.#stop('cut', i, now);
  }

  #stop(ending: Ending, end: number, kind: number): Ending {
    this.end = end;
    this.kind = kind;
    this.state = State.GROUND;
    return ending;
  }
}

/** The index of the next introducer (ESC or a C1 control) at or after `from` in ground state, or the length. */
export function nextIntroducer(bytes: Uint8Array, from: number): number {
  for (let i = from; i < bytes.length; i++) {
    const byte = bytes[i] ?? 0;
    if (byte === ESC) return i;
    if (byte === 0xc2 && ((bytes[i + 1] ?? 0) & 0xe0) === 0x80) return i;
  }
  return bytes.length;
}

const tail = new Walker();

/**
 * How many of the last bytes must be held back so that what is before them ends in ground state and between two
 * characters; `bytes` begins in ground state. An ESC ends whatever was before it, so the last one is where to begin.
 *
 * What is cut short by a sequence is held together with it: a string acts when that one begins, and a last ESC may yet
 * turn out to be half of an ST. So one goes back from ESC to ESC, over each byte once, until there are more than `most`.
 */
export function unfinished(bytes: Uint8Array, most: number): number {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  let at = Math.max(buffer.lastIndexOf(ESC), 0);
  if (bytes[at] !== ESC && buffer.indexOf(0xc2) === -1) return partialTail(bytes);
  const last = chainTo(buffer, at, bytes.length);
  if (last === undefined) return partialTail(bytes.subarray(at));
  let held: number = last;
  while (held === at && at > 0 && bytes.length - held <= most) {
    at = Math.max(buffer.lastIndexOf(ESC, held - 1), 0);
    held = chainTo(buffer, at, held) ?? held;
  }
  return bytes.length - held;
}

/** Where the sequences from `from` on begin of which each cuts the one before short, the last of them running into `end`. */
function chainTo(buffer: Buffer, from: number, end: number): number | undefined {
  let chain = from;
  let ending: Ending = 'done';
  for (let at = from; at < end; at = tail.end) {
    const start = nextIntroducer(buffer, at);
    if (start >= end) return undefined;
    if (ending !== 'cut') chain = start;
    ending = tail.begin(buffer, start);
    if (ending === 'open') return chain;
  }
  return ending === 'cut' ? chain : undefined;
}
