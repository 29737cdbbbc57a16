/**
 * Sealed chunks (L6): the transactions of a stream in one row, so that a replay reads a row for many events.
 *
 * The chain stays as it was, a hash a transaction: it can be computed again from the row. The seal is one hash over
 * all of it, written by whoever had just verified the chain, so that a reader verifies the row at once: sha256(chain
 * hash before 32 ‖ lengths of name, marks, sizes, data ‖ name ‖ key, epoch, first, last, 2 ‖ marks ‖ chain hash after
 * 32 ‖ sizes ‖ data), numbers as little-endian doubles.
 *
 * Column `seal`: chain hash before the row 32 ‖ sha256 32 ‖ a mark a transaction: events uint32 LE ‖ the first 8
 * bytes of its chain hash, by which the sound part of a damaged row is found.
 */
import { createHash } from 'node:crypto';
import { type Chunk, chainHash, unpackSizes, verifies } from './chain.ts';

export interface StoredChunk extends Chunk {
  hash: Uint8Array;
  /** Null for a row of one transaction. */
  seal: Uint8Array | null;
}

/** One transaction's part of a row, and the chain's hash after it. */
type Transaction = Chunk & { hash: Uint8Array };

const HASH = 32;
const HEAD = 2 * HASH;
const CHECK = 8;
const MARK = 4 + CHECK;

function sealHash(name: string, chunk: StoredChunk, previous: Uint8Array, marks: Uint8Array): Buffer {
  const numbers = Buffer.from(Float64Array.of(chunk.key, chunk.epoch, chunk.first, chunk.last, 2).buffer);
  const named = Buffer.from(name);
  return createHash('sha256')
    .update(previous)
    .update(Float64Array.of(named.length, marks.length, chunk.sizes.length, chunk.data.length))
    .update(named)
    .update(numbers)
    .update(marks)
    .update(chunk.hash)
    .update(chunk.sizes)
    .update(chunk.data)
    .digest();
}

/** One row of consecutive transactions of one epoch and key; `previous` is the chain's hash before the first. */
export function sealed(previous: Uint8Array, name: string, parts: readonly Transaction[]): StoredChunk {
  const [head] = parts;
  const end = parts.at(-1);
  if (!head || !end) throw new Error('Nothing to seal.');
  const marks = Buffer.alloc(parts.length * MARK);
  parts.forEach(({ first, last, hash }, i) => {
    marks.writeUInt32LE(last - first + 1, i * MARK);
    marks.set(hash.subarray(0, CHECK), i * MARK + 4);
  });
  const chunk: StoredChunk = {
    epoch: head.epoch,
    key: head.key,
    first: head.first,
    last: end.last,
    sizes: Buffer.concat(parts.map(({ sizes }) => sizes)),
    data: Buffer.concat(parts.map(({ data }) => data)),
    hash: end.hash,
    seal: null,
  };
  return { ...chunk, seal: Buffer.concat([previous, sealHash(name, chunk, previous, marks), marks]) };
}

/** True if `chunk` follows offset `after` and is what was written after `previous`. */
export function holds(previous: Uint8Array, name: string, after: number, chunk: StoredChunk): boolean {
  const { seal } = chunk;
  if (seal === null) return verifies(previous, name, after, chunk, chunk.hash);
  if (chunk.first !== after + 1 || chunk.sizes.length !== (chunk.last - chunk.first + 1) * 4) return false;
  if (seal.length < HEAD + MARK || Buffer.compare(seal.subarray(0, HASH), previous) !== 0) return false;
  const expected = seal.subarray(HASH, HEAD);
  return sealHash(name, chunk, previous, seal.subarray(HEAD)).equals(expected);
}

/**
 * The transactions of a row after `previous`, computed again, as far as each is what was written: all of them when the
 * row holds, fewer when it is damaged.
 */
export function* transactions(
  previous: Uint8Array,
  name: string,
  chunk: StoredChunk,
): Generator<Transaction> {
  const { seal, epoch, key } = chunk;
  if (seal === null) {
    if (verifies(previous, name, chunk.first - 1, chunk, chunk.hash)) yield chunk;
    return;
  }
  const marks = Buffer.from(seal.buffer, seal.byteOffset, seal.length).subarray(HEAD);
  const sizes = unpackSizes(chunk.sizes);
  let hash = previous;
  let event = 0;
  let start = 0;
  for (let at = 0; at + MARK <= marks.length; at += MARK) {
    const count = marks.readUInt32LE(at);
    if (count === 0 || event + count > sizes.length) return;
    let end = start;
    for (let n = event; n < event + count; n += 1) end += sizes[n] ?? 0;
    const first = chunk.first + event;
    const part: Chunk = {
      epoch,
      key,
      first,
      last: first + count - 1,
      sizes: chunk.sizes.subarray(event * 4, (event + count) * 4),
      data: chunk.data.subarray(start, end),
    };
    hash = chainHash(hash, name, part);
    if (!marks.subarray(at + 4, at + MARK).equals(hash.subarray(0, CHECK))) return;
    yield { ...part, hash };
    event += count;
    start = end;
  }
}
