/**
 * The protocol between two nodes (rules C1–C5), on one libp2p stream. Whoever opened the stream opens the tunnels on it;
 * each tunnel carries whole messages both ways. Every frame is
 *
 *     u32 length of what follows, big endian · u8 type · payload
 *
 * Both ends begin with HELLO, neither waits for the other's; AT tells later where its sender can be reached now. A tunnel begins with OPEN, and its messages may follow at
 * once; a refusal is a CLOSE. DATA is one piece of a message; pieces of one message are in order, those of different
 * tunnels are mixed. A sender may have TUNNEL_WINDOW bytes under way in a tunnel; CREDIT gives back what the consumer took.
 * END says why the stream ends, tunnels and all. Whatever else arrives is a `bad_frame`, which ends the stream.
 */
import { pack, unpackFrame } from '@skein/protocol/codec';
import { type ErrorBody, SkeinError } from '@skein/protocol/errors';
import { any, int, list, obj, opt, str } from '@skein/protocol/shape';
import {
  ADDRESS_MAX,
  ADDRESSES_MAX,
  HELLO_MAX,
  MESSAGE_COST,
  PIECE_MAX,
  REASON_MAX,
  TUNNEL_WINDOW,
} from './limits.ts';

/** Versions of this protocol that this build speaks, best first. */
export const PEER_VERSIONS = [1];

const Type = { HELLO: 1, OPEN: 2, DATA: 3, CREDIT: 4, CLOSE: 5, PING: 6, PONG: 7, END: 8, AT: 9 } as const;

/** Bytes before the payload. */
const HEADER = 5;
/** Bytes of DATA before its piece: the header, the tunnel, the flags. */
export const DATA_HEADER = HEADER + 5;
/** The flag of a message's last piece. */
const LAST = 1;

/** Where a node can be reached: multiaddrs without PeerId, and relays, pinned. */
export interface Whereabouts {
  addrs: string[];
  relays: string[];
}

export type TunnelFrame =
  | ({ type: 'hello'; versions: number[] } & Whereabouts)
  | ({ type: 'at' } & Whereabouts)
  | { type: 'open'; tunnel: number }
  | { type: 'data'; tunnel: number; last: boolean; piece: Uint8Array }
  | { type: 'credit'; tunnel: number; bytes: number }
  | { type: 'close'; tunnel: number; error: ErrorBody | undefined }
  | { type: 'ping'; n: number }
  | { type: 'pong'; n: number }
  | { type: 'end'; error: ErrorBody };

const where = {
  addrs: list(str(ADDRESS_MAX), ADDRESSES_MAX),
  relays: list(str(ADDRESS_MAX), ADDRESSES_MAX),
};
const whereabouts = obj(where);
const hello = obj({ versions: list(int(1, 65535), 32), ...where });
const errorBody = obj({ code: str(64), message: str(1024), data: opt(any) });

/** What credit a message of so many bytes takes, and gives back. */
export function costOf(bytes: number): number {
  return Math.max(MESSAGE_COST, bytes);
}

/** Decodes one frame; throws `bad_frame`. The piece of DATA is a view. */
export function decodeFrame(type: number, payload: Uint8Array): TunnelFrame {
  switch (type) {
    case Type.HELLO:
      return { type: 'hello', ...hello(unpackFrame(within(payload, HELLO_MAX)), '') };
    case Type.AT:
      return { type: 'at', ...whereabouts(unpackFrame(within(payload, HELLO_MAX)), '') };
    case Type.OPEN:
      return { type: 'open', tunnel: tunnelOf(payload, 4) };
    case Type.DATA: {
      const tunnel = tunnelOf(payload);
      const flags = payload[4];
      if (flags === undefined || flags > LAST) throw bad('a piece has flags that are not known');
      const piece = within(payload.subarray(5), PIECE_MAX);
      if (piece.length === 0 && flags !== LAST) throw bad('a piece is empty');
      return { type: 'data', tunnel, last: flags === LAST, piece };
    }
    case Type.CREDIT: {
      const tunnel = tunnelOf(payload, 8);
      const bytes = u32(payload, 4);
      if (bytes === 0 || bytes > TUNNEL_WINDOW) throw bad('credit is out of bounds');
      return { type: 'credit', tunnel, bytes };
    }
    case Type.CLOSE:
      return { type: 'close', tunnel: tunnelOf(payload), error: reasonOf(payload.subarray(4)) };
    case Type.PING:
    case Type.PONG:
      if (payload.length !== 4) throw bad('a ping has another size');
      return { type: type === Type.PING ? 'ping' : 'pong', n: u32(payload, 0) };
    case Type.END: {
      const error = reasonOf(payload);
      if (error === undefined) throw bad('an end says no reason');
      return { type: 'end', error };
    }
    default:
      throw bad(`its type ${type} is not known`);
  }
}

/** Encodes a frame other than DATA. */
export function encodeFrame(frame: Exclude<TunnelFrame, { type: 'data' }>): Uint8Array {
  switch (frame.type) {
    case 'hello':
      return framed(Type.HELLO, pack({ versions: frame.versions, addrs: frame.addrs, relays: frame.relays }));
    case 'at':
      return framed(Type.AT, pack({ addrs: frame.addrs, relays: frame.relays }));
    case 'open':
      return framed(Type.OPEN, numbers(frame.tunnel));
    case 'credit':
      return framed(Type.CREDIT, numbers(frame.tunnel, frame.bytes));
    case 'close':
      return framed(Type.CLOSE, numbers(frame.tunnel), frame.error && pack(told(frame.error)));
    case 'ping':
      return framed(Type.PING, numbers(frame.n));
    case 'pong':
      return framed(Type.PONG, numbers(frame.n));
    case 'end':
      return framed(Type.END, pack(told(frame.error)));
  }
}

/** Writes one piece of a message into `out` at `at`, which has DATA_HEADER bytes and the piece's free; the place after it. */
export function writeData(out: Buffer, at: number, tunnel: number, piece: Uint8Array, last: boolean): number {
  out.writeUInt32BE(DATA_HEADER - 4 + piece.length, at);
  out[at + 4] = Type.DATA;
  out.writeUInt32BE(tunnel, at + HEADER);
  out[at + HEADER + 4] = last ? LAST : 0;
  out.set(piece, at + DATA_HEADER);
  return at + DATA_HEADER + piece.length;
}

function framed(type: number, payload: Uint8Array, more: Uint8Array = new Uint8Array(0)): Uint8Array {
  const out = Buffer.allocUnsafe(HEADER + payload.length + more.length);
  out.writeUInt32BE(1 + payload.length + more.length, 0);
  out[4] = type;
  out.set(payload, HEADER);
  out.set(more, HEADER + payload.length);
  return out;
}

function numbers(...values: number[]): Uint8Array {
  const out = Buffer.allocUnsafe(4 * values.length);
  for (const [i, value] of values.entries()) out.writeUInt32BE(value, 4 * i);
  return out;
}

/** Cut to what the far end takes; data that is large stays here. */
function told({ code, message, data }: ErrorBody): ErrorBody {
  const short = { code, message: message.slice(0, 1000) };
  return data !== undefined && JSON.stringify(data).length < 1000 ? { ...short, data } : short;
}

/** The number of the tunnel that a payload begins with; with `size`, the payload has just that many bytes. */
function tunnelOf(payload: Uint8Array, size?: number): number {
  if (payload.length < 4 || (size !== undefined && payload.length !== size)) throw bad('it has another size');
  const tunnel = u32(payload, 0);
  if (tunnel === 0) throw bad('there is no tunnel 0');
  return tunnel;
}

function reasonOf(payload: Uint8Array): ErrorBody | undefined {
  if (payload.length === 0) return undefined;
  return errorBody(unpackFrame(within(payload, REASON_MAX)), 'error') as ErrorBody;
}

function within(payload: Uint8Array, max: number): Uint8Array {
  if (payload.length > max) throw bad(`it has more than ${max} bytes`);
  return payload;
}

function u32(bytes: Uint8Array, at: number): number {
  return new DataView(bytes.buffer, bytes.byteOffset + at, 4).getUint32(0);
}

function bad(why: string): SkeinError {
  return new SkeinError('bad_frame', `A frame between nodes is wrong: ${why}.`);
}
