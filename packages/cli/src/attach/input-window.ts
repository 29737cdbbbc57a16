/** What was typed and not yet accepted by the host (rule H3): numbered by its offset, kept to be said again. */

/** Bytes that may be under way before no more of what is to be sent is; far below what the host lets wait. */
export const INPUT_WINDOW = 64 * 1024;

interface InputPiece {
  offset: number;
  bytes: Uint8Array;
}

export class InputWindow {
  #pieces: InputPiece[] = [];
  #sent = 0;
  #accepted = 0;

  /** Bytes that were not accepted. */
  get waiting(): number {
    return this.#sent - this.#accepted;
  }

  /** Whether no more should be read until some of it is accepted. */
  get full(): boolean {
    return this.waiting >= INPUT_WINDOW;
  }

  /** Whether all of it was accepted. */
  get settled(): boolean {
    return this.waiting === 0;
  }

  /** Numbers bytes; they must not be changed afterwards. */
  push(bytes: Uint8Array): InputPiece {
    const piece = { offset: this.#sent, bytes };
    this.#sent += bytes.length;
    this.#pieces.push(piece);
    return piece;
  }

  /** The host has taken everything before this offset. */
  accepted(offset: number): void {
    this.#accepted = Math.max(this.#accepted, Math.min(offset, this.#sent));
    while (this.#pieces[0] !== undefined) {
      const { offset: from, bytes } = this.#pieces[0];
      if (from + bytes.length > this.#accepted) return;
      this.#pieces.shift();
    }
  }

  /** Forgets what was not accepted: the next byte is numbered as the host expects it. */
  discard(): void {
    this.#pieces = [];
    this.#sent = this.#accepted;
  }

  /** What has to be sent again on a new connection; the host leaves out what it has. */
  unaccepted(): readonly InputPiece[] {
    return this.#pieces;
  }
}
