/**
 * The host's protocol (rules H1–H8): a stream socket on which each frame is
 *
 *     u32 length of what follows, big endian · u8 type · payload
 *
 * It only grows: a host outlives the node that started it, and every later node must still speak with it. A connection
 * begins with HELLO, as the node's control connection (with the host's key) or as a viewer (with a one-time right).
 *
 * Viewer: → HELLO {versions, token, view, …} ← WELCOME ← SCREEN (the present screen) ← DATA … or FRAME …
 *         → INPUT, RESIZE, CONSUMED, KEPT, END_INPUT, TAKE, RELEASE  ← ACCEPTED, STATE, GAP, LEAVE, EXIT
 * Control: → REQ {n, type, body} ← RES {n, body | error}; ← EVENT {type, …} without being asked.
 *
 * DATA carries a program's raw bytes with the offset of the first; a viewer that reported CONSUMED up to X may be sent
 * bytes up to X + its window. INPUT carries the offset of its first byte in the attachment's own input (H3).
 *
 * A viewer on this machine may offer its terminal: a host that has opened it says so in WELCOME, and from then on writes
 * there what DATA, FRAME and SCREEN would carry. After TAKE it also reads the keys; LEAVE says that those which leave were
 * typed. RELEASE asks for the terminal back: it is given back when the host closes the connection.
 *
 * A run on pipes has no screen and no size: its viewers ask for \`bytes\`, and read 0 columns and rows. KEPT, from one that
 * may write, says up to where its output is durable elsewhere: what is before that need not be kept (H2). END_INPUT
 * closes its stdin behind the input before the given offset.
 */
import { SkeinError } from '../errors.ts';
import { LANE_WINDOW, MAX_FRAME, MAX_SIZE, MIN_COLS, MIN_ROWS, VIEW_WINDOW } from '../limits.ts';
import { bool, type Infer, int, list, obj, oneOf, opt, str } from '../shape.ts';
import type { FrameRoom } from './frame-room.ts';

/** Versions of the host's protocol this build speaks, best first. */
export const HOST_VERSIONS = [1];

export const HostFrame = {
  HELLO: 1,
  WELCOME: 2,
  ERROR: 3,
  INPUT: 16,
  RESIZE: 17,
  CONSUMED: 18,
  KEPT: 19,
  END_INPUT: 20,
  TAKE: 21,
  RELEASE: 22,
  REQ: 32,
  RES: 33,
  EVENT: 34,
  SCREEN: 48,
  DATA: 49,
  FRAME: 50,
  ACCEPTED: 51,
  STATE: 52,
  EXIT: 53,
  GAP: 54,
  LEAVE: 55,
} as const;

/** Bytes before the payload: the length and the type. */
export const HOST_HEADER = 5;

const columns = int(MIN_COLS, MAX_SIZE);
const lines = int(MIN_ROWS, MAX_SIZE);

/** One key that leaves a session: the byte that it is, and how terminals name it that spell keys out. */
const detachKey = obj({ byte: int(0, 255), code: int(0, 0x10ffff), ctrl: bool });

/**
 * The terminal that a viewer sits at, on the host's own machine: its path, and which file that must be, since the same
 * path may be another terminal to the host. `detach`: the keys that leave, for the host to look out for.
 */
const nearTerminal = obj({
  path: str(64),
  dev: int(0),
  ino: int(0),
  rdev: int(0),
  detach: list(detachKey, 2),
});
export type NearTerminalPlace = Infer<typeof nearTerminal>;

/**
 * HELLO. With `key` the node's control connection; with `token` a viewer. `view`: `screen` paints the present screen
 * and follows; `bytes` gives the raw output from `from` on. `attachment` names this viewer's input across reconnects.
 */
export const hostHello = obj({
  versions: list(int(1, 65535), 32),
  key: opt(str(128)),
  token: opt(str(128)),
  view: opt(oneOf('screen', 'bytes')),
  from: opt(int(0)),
  follow: opt(bool),
  cols: opt(columns),
  rows: opt(lines),
  attachment: opt(str(64)),
  label: opt(str(128)),
  /** Bytes that may be under way to it: a viewer far away needs more than VIEW_WINDOW. */
  window: opt(int(VIEW_WINDOW, LANE_WINDOW)),
  /** The host may serve this terminal itself. */
  terminal: opt(nearTerminal),
});
export type HostHello = Infer<typeof hostHello>;

export const viewerResize = obj({ cols: columns, rows: lines });

/** WELCOME to a viewer: which run, its size (0 by 0 on pipes), how much of this attachment's input was accepted before (H3). */
export interface ViewerWelcome {
  version: number;
  host: { id: string; version: string; pid: number };
  run: string;
  role: 'read' | 'write';
  cols: number;
  rows: number;
  accepted: number;
  head: number;
  /** The host has opened the viewer's terminal, and writes to it itself. */
  terminal?: boolean;
}

/** SCREEN: paint this, then take DATA from `offset` on (`raw`), or FRAMEs (`frames`) when the sizes differ (H6). */
export interface ScreenFrame {
  offset: number;
  cols: number;
  rows: number;
  mode: 'raw' | 'frames';
  /** Why it came without being asked for: `attach`, `resize`, or `behind` when the viewer was too slow (H5). */
  why: 'attach' | 'resize' | 'behind';
  data: Uint8Array;
}

/** STATE: what a viewer may show of the others. */
export interface ViewerState {
  cols: number;
  rows: number;
  viewers: number;
  holder: boolean;
}

/** EXIT: the program ended; `offset` is the end of its output. */
export interface ExitFrame {
  code: number | null;
  signal: number | null;
  offset: number;
}

/** Bytes: parts of a frame that have fewer are put together as they come. */
const SMALL_PART = 4 * 1024;

/** Splits a byte stream into frames. A length that is 0 or past the limit is refused before memory is taken (C5). */
export class FrameReader {
  /** Bytes; a peer that is not yet known, or has little to say, is allowed less. */
  limit = MAX_FRAME;
  readonly #room: FrameRoom | undefined;
  #parts: Uint8Array[] = [];
  #size = 0;
  #stopped = false;

  /** Frames that come in several pieces are put together in `room`; without it each in a buffer of its own. */
  constructor(room?: FrameRoom) {
    this.#room = room;
  }

  /** Whether bytes wait that are not read yet. */
  get waiting(): boolean {
    return this.#size > 0;
  }

  /** From within `each`: what follows is kept for the next push. */
  stop(): void {
    this.#stopped = true;
  }

  /** Adds bytes that the next push will read. */
  keep(chunk: Uint8Array): void {
    const parts = this.#parts;
    parts.push(chunk);
    this.#size += chunk.length;
    // Whoever sends a frame byte by byte would have each kept apart, at some three hundred bytes: small ones become larger
    // ones, two of a size at a time, so that none is copied often.
    for (let last = chunk; last.length < SMALL_PART; ) {
      const before = parts.at(-2);
      if (before === undefined || before.length > last.length) break;
      last = join([before, last], new Uint8Array(before.length + last.length));
      parts.splice(-2, 2, last);
    }
  }

  /**
   * Adds bytes and calls `each` for every whole frame. The payload is a view: copy it to keep it. Throws
   * `frame_too_large`; the stream can not be read any further then.
   */
  push(chunk: Uint8Array, each: (type: number, payload: Uint8Array) => void): void {
    this.#stopped = false;
    if (this.#size === 0) return this.#read(chunk, each);
    if (chunk.length > 0) this.keep(chunk);
    const first = this.#parts[0] as Uint8Array;
    // Most of the time the head of the frame is whole; join only when a whole frame is there.
    if (first.length >= 4 && this.#size < this.#lengthOf(first, 0) + 4) return;
    if (this.#parts.length === 1) return this.#read(first, each);
    const room = this.#room?.take(this.#size);
    if (room === undefined) return this.#read(join(this.#parts, new Uint8Array(this.#size)), each);
    try {
      this.#read(join(this.#parts, room), each);
    } finally {
      this.#parts = this.#parts.map((part) => part.slice());
      this.#room?.leave();
    }
  }

  /** Every whole frame of it; the rest waits. */
  #read(data: Uint8Array, each: (type: number, payload: Uint8Array) => void): void {
    let at = 0;
    while (!this.#stopped && data.length - at >= HOST_HEADER) {
      const length = this.#lengthOf(data, at);
      if (data.length - at < 4 + length) break;
      each(data[at + 4] as number, data.subarray(at + HOST_HEADER, at + 4 + length));
      at += 4 + length;
    }
    const rest = data.length - at;
    this.#parts = rest > 0 ? [at === 0 ? data : data.subarray(at)] : [];
    this.#size = rest;
  }

  #lengthOf(data: Uint8Array, at: number): number {
    const length = new DataView(data.buffer, data.byteOffset + at, 4).getUint32(0);
    if (length < 1 || length > this.limit) throw wrongLength(length, this.limit);
    return length;
  }
}

function wrongLength(length: number, limit: number): SkeinError {
  const message = `A frame of ${length} bytes is not allowed; the largest is ${limit}.`;
  return new SkeinError('frame_too_large', message, { length, limit });
}

function join(parts: Uint8Array[], out: Uint8Array): Uint8Array {
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

/** The header of a frame whose payload is `size` bytes. */
function frameHeader(type: number, size: number): Uint8Array {
  const head = new Uint8Array(HOST_HEADER);
  new DataView(head.buffer).setUint32(0, size + 1);
  head[4] = type;
  return head;
}

/** A whole frame in one piece. */
export function frame(type: number, payload: Uint8Array): Uint8Array {
  const out = new Uint8Array(HOST_HEADER + payload.length);
  out.set(frameHeader(type, payload.length));
  out.set(payload, HOST_HEADER);
  return out;
}

/** A frame whose payload is an offset (float64, big endian) and bytes: DATA, INPUT, CONSUMED, KEPT, END_INPUT, ACCEPTED. */
export function offsetFrame(type: number, offset: number, bytes?: Uint8Array): Uint8Array {
  const length = bytes?.length ?? 0;
  const out = new Uint8Array(HOST_HEADER + 8 + length);
  const view = new DataView(out.buffer);
  view.setUint32(0, 9 + length);
  out[4] = type;
  view.setFloat64(HOST_HEADER, offset);
  if (bytes !== undefined) out.set(bytes, HOST_HEADER + 8);
  return out;
}

/** Reads what offsetFrame wrote; undefined when it is too short or the offset is not one. */
export function readOffset(payload: Uint8Array): { offset: number; bytes: Uint8Array } | undefined {
  if (payload.length < 8) return undefined;
  const offset = new DataView(payload.buffer, payload.byteOffset, 8).getFloat64(0);
  return Number.isSafeInteger(offset) && offset >= 0 ? { offset, bytes: payload.subarray(8) } : undefined;
}
