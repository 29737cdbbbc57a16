/** The newest output of a run in memory: what is not on disk yet, and a tail for readers that are nearly up to date. */

interface Chunk {
  offset: number;
  bytes: Uint8Array;
}

export class Recent {
  #chunks: Chunk[] = [];
  #held = 0;
  #head = 0;

  /** The offset after the last byte. */
  get head(): number {
    return this.#head;
  }

  /** The offset of the first byte that is here; the head when none is. */
  get first(): number {
    return this.#chunks[0]?.offset ?? this.#head;
  }

  /** Takes a chunk, which must not change afterwards. */
  push(bytes: Uint8Array): void {
    this.#chunks.push({ offset: this.#head, bytes });
    this.#head += bytes.length;
    this.#held += bytes.length;
  }

  /** The parts from `offset`, which is here, on: `max` bytes, or as many as there are. */
  parts(offset: number, max: number): Uint8Array[] {
    const parts: Uint8Array[] = [];
    let size = 0;
    for (let i = this.#indexOf(offset); i < this.#chunks.length && size < max; i++) {
      const chunk = this.#chunks[i] as Chunk;
      const skip = Math.max(0, offset - chunk.offset);
      const part = chunk.bytes.subarray(skip, skip + max - size);
      parts.push(part);
      size += part.length;
    }
    return parts;
  }

  /** Drops whole chunks that end at or before `offset`, as long as more than `keep` bytes are held. */
  drop(offset: number, keep: number): void {
    let count = 0;
    while (count < this.#chunks.length && this.#held > keep) {
      const chunk = this.#chunks[count] as Chunk;
      if (chunk.offset + chunk.bytes.length > offset) break;
      this.#held -= chunk.bytes.length;
      count++;
    }
    if (count > 0) this.#chunks = this.#chunks.slice(count);
  }

  /** The chunk that holds `offset`. */
  #indexOf(offset: number): number {
    let low = 0;
    let high = this.#chunks.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.#chunks[middle] as Chunk).offset <= offset) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}
