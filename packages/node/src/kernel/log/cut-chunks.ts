/**
 * Large chunks that are being served a page at a time: verified when they were read, and kept until all of them is served.
 * Read and verified for each page, one of 17 MiB would take a hundred times as long as its bytes.
 */
import type { ChainPoint } from './chunks.ts';
import type { StoredChunk } from './seal.ts';

/** Bytes of a chunk from which on reading it again costs more than keeping it, and of all that are kept besides the newest. */
const WORTH = 256 * 1024;
const MOST = 32 * 1024 * 1024;

interface Kept {
  name: string;
  /** The chain's hash before it. */
  previous: Uint8Array;
  chunk: StoredChunk;
}

/** One of a stream at most. */
export class CutChunks {
  readonly #kept = new Map<number, Kept>();
  #bytes = 0;

  /** The chunk that begins just after `start`, if it was verified after that very hash. */
  after(stream: number, name: string, start: ChainPoint): StoredChunk | undefined {
    const kept = this.#kept.get(stream);
    if (kept?.name !== name || kept.chunk.first !== start.offset + 1) return undefined;
    return Buffer.compare(kept.previous, start.hash) === 0 ? kept.chunk : undefined;
  }

  keep(stream: number, kept: Kept): void {
    this.drop(stream);
    if (kept.chunk.data.length < WORTH) return;
    this.#kept.set(stream, kept);
    this.#bytes += kept.chunk.data.length;
    for (const oldest of this.#kept.keys()) {
      if (this.#bytes <= MOST || this.#kept.size === 1) break;
      this.drop(oldest);
    }
  }

  drop(stream: number): void {
    this.#bytes -= this.#kept.get(stream)?.chunk.data.length ?? 0;
    this.#kept.delete(stream);
  }

  clear(): void {
    this.#kept.clear();
    this.#bytes = 0;
  }
}
