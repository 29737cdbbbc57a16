/** The last bytes of a stream, however long it is. */

export class Tail {
  readonly #most: number;
  #bytes: Uint8Array = new Uint8Array(0);

  constructor(most: number) {
    this.#most = most;
  }

  push(bytes: Uint8Array): void {
    const kept = this.#bytes.subarray(Math.max(0, this.#bytes.length + bytes.length - this.#most));
    this.#bytes = Buffer.concat([kept, bytes.subarray(Math.max(0, bytes.length - this.#most))]);
  }

  /** As UTF-8, from the first character that is here as a whole. */
  get text(): string {
    let from = 0;
    // A character has at most three bytes after its first.
    while (from < 3 && ((this.#bytes[from] ?? 0) & 0xc0) === 0x80) from++;
    return new TextDecoder().decode(this.#bytes.subarray(from));
  }
}
