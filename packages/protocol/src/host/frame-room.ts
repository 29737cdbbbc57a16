/**
 * A place where frames that came in several pieces are put together, one at a time: readers lend what they read, so that all of
 * a process can share it, and none needs a buffer a frame.
 */

export class FrameRoom {
  readonly #bytes: Uint8Array;
  #taken = false;

  /** In bytes; what is larger finds no room here. */
  constructor(size: number) {
    this.#bytes = new Uint8Array(size);
  }

  /** Room for so many bytes until `leave`; undefined when it is too small, or somebody has it. */
  take(size: number): Uint8Array | undefined {
    if (this.#taken || size > this.#bytes.length) return undefined;
    this.#taken = true;
    return this.#bytes.subarray(0, size);
  }

  leave(): void {
    this.#taken = false;
  }
}
