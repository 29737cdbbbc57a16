/**
 * Blobs as they are read (L8): piece by piece, each as it was stored. The first look at a blob goes over all of it, for its name
 * is the hash of the whole; the hashes of its pieces are remembered, so that the next piece costs no more than itself.
 */
import { createHash, hash } from 'node:crypto';
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { SkeinError } from '@skein/protocol/errors';
import { BLOB_CHUNK } from '@skein/protocol/limits';
import { isCode } from '../../platform/files.ts';
import { blobPath } from './blob-files.ts';
import { diskAnswers } from './disk-answers.ts';

/** Bytes of a piece: what is mostly asked for at once. */
const PIECE = BLOB_CHUNK;
const HASH = 32;
/** Blobs whose pieces are remembered: 32 bytes for each 64 KiB. */
const REMEMBERED = 64;
/** Bytes of the log that are read to see whether the disk gives back anything. */
const LOOKED_AT = 4096;

interface Known {
  size: number;
  /** The SHA-256 of each piece, end to end. */
  hashes: Buffer;
}

export class BlobReader {
  readonly #dir: string;
  readonly #known = new Map<string, Known>();
  readonly #piece = Buffer.allocUnsafeSlow(PIECE);

  constructor(dir: string) {
    this.#dir = dir;
  }

  /** Up to `length` bytes from `offset` on, in a buffer of their own. Throws `not_found`, `log_damaged`. */
  read(name: string, offset: number, length: number): Uint8Array<ArrayBuffer> {
    const fd = this.#open(name);
    try {
      const known = this.#known.get(name) ?? this.#verify(fd, name);
      const out = new Uint8Array(Math.max(0, Math.min(length, known.size - offset)));
      for (let at = 0; at < out.length; ) {
        const from = offset + at;
        const n = Math.floor(from / PIECE);
        const piece = this.#take(fd, n * PIECE);
        if (!piece.equals(known.hashes.subarray(n * HASH, (n + 1) * HASH))) throw this.#damaged(name);
        at += this.#piece.copy(
          out,
          at,
          from - n * PIECE,
          Math.min(PIECE, from - n * PIECE + out.length - at),
        );
      }
      return out;
    } catch (error) {
      // A place that the disk cannot give back any more it will not give back later; but one that gives nothing back may.
      if (isCode(error, 'EIO') && diskAnswers(this.#dir, LOOKED_AT)) throw this.#damaged(name);
      throw error;
    } finally {
      closeSync(fd);
    }
  }

  #open(name: string): number {
    try {
      return openSync(blobPath(this.#dir, name), 'r');
    } catch (error) {
      if (!isCode(error, 'ENOENT')) throw error;
      throw new SkeinError('not_found', `There is no blob ${name}.`, { blob: name });
    }
  }

  #verify(fd: number, name: string): Known {
    const { size } = fstatSync(fd);
    const hashes = Buffer.alloc(Math.ceil(size / PIECE) * HASH);
    const whole = createHash('sha256');
    for (let at = 0; at < size; at += PIECE) {
      this.#take(fd, at).copy(hashes, (at / PIECE) * HASH);
      whole.update(this.#piece.subarray(0, Math.min(PIECE, size - at)));
    }
    if (whole.digest('hex') !== name) throw this.#damaged(name);
    const known = { size, hashes };
    this.#known.set(name, known);
    for (const oldest of this.#known.keys()) {
      if (this.#known.size <= REMEMBERED) break;
      this.#known.delete(oldest);
    }
    return known;
  }

  /** Reads the piece that begins at `from`, and says its hash. */
  #take(fd: number, from: number): Buffer {
    let size = 0;
    for (let read = -1; read !== 0 && size < PIECE; size += read)
      read = readSync(fd, this.#piece, size, PIECE - size, from + size);
    return hash('sha256', this.#piece.subarray(0, size), 'buffer');
  }

  #damaged(name: string): SkeinError {
    this.#known.delete(name);
    return new SkeinError('log_damaged', `The blob ${name} is not what was stored.`, { blob: name });
  }
}
