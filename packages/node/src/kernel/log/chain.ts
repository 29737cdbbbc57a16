/** The chain of a stream (L6): one chunk a transaction, each hash over the one before and everything the chunk says. */
import { hash } from 'node:crypto';

/** All the events that one transaction added to one stream. */
export interface Chunk {
  epoch: number;
  first: number;
  last: number;
  /** The id of the key that `data` is encrypted with; 0 for plain (L8). */
  key: number;
  /** One little-endian uint32 an event: the bytes it takes in `data`. */
  sizes: Uint8Array;
  data: Uint8Array;
}

/** What comes before the first chunk of a stream. */
export const GENESIS = new Uint8Array(32);

const FIXED = 48;

/** Most chunks are one small event: what is hashed is put together here, one at a time. */
const SCRATCH = Buffer.allocUnsafeSlow(16_384);

/**
 * sha256(previous hash 32 ‖ format 2 ‖ name length 2 ‖ key 4 ‖ epoch 8 ‖ first 8 ‖ last 8 ‖ sizes length 8 ‖
 * data length 8 ‖ name ‖ sizes ‖ data), numbers little-endian; the 8-byte ones as doubles.
 */
export function chainHash(previous: Uint8Array, name: string, chunk: Chunk): Buffer {
  const named = Buffer.byteLength(name);
  const length = 32 + FIXED + named + chunk.sizes.length + chunk.data.length;
  const bytes = length <= SCRATCH.length ? SCRATCH : Buffer.allocUnsafe(length);
  bytes.set(previous, 0);
  bytes.writeUInt16LE(1, 32);
  bytes.writeUInt16LE(named, 34);
  bytes.writeUInt32LE(chunk.key, 36);
  bytes.writeDoubleLE(chunk.epoch, 40);
  bytes.writeDoubleLE(chunk.first, 48);
  bytes.writeDoubleLE(chunk.last, 56);
  bytes.writeDoubleLE(chunk.sizes.length, 64);
  bytes.writeDoubleLE(chunk.data.length, 72);
  bytes.write(name, 80);
  bytes.set(chunk.sizes, 80 + named);
  bytes.set(chunk.data, 80 + named + chunk.sizes.length);
  return hash('sha256', bytes.subarray(0, length), 'buffer');
}

export function packSizes(sizes: readonly number[]): Uint8Array {
  const bytes = Buffer.allocUnsafe(sizes.length * 4);
  sizes.forEach((size, i) => {
    bytes.writeUInt32LE(size, i * 4);
  });
  return bytes;
}

export function unpackSizes(sizes: Uint8Array): number[] {
  const view = new DataView(sizes.buffer, sizes.byteOffset, sizes.byteLength);
  return Array.from({ length: sizes.length >>> 2 }, (_, i) => view.getUint32(i * 4, true));
}

/** True if `chunk` follows offset `after`, agrees with its own counts, and hashes to `expected` after `previous`. */
export function verifies(
  previous: Uint8Array,
  name: string,
  after: number,
  chunk: Chunk,
  expected: Uint8Array,
): boolean {
  if (chunk.first !== after + 1 || chunk.sizes.length !== (chunk.last - chunk.first + 1) * 4) return false;
  return Buffer.compare(chainHash(previous, name, chunk), expected) === 0;
}
