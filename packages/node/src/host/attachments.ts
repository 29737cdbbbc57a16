/** How much of each attachment's input a run has accepted (rule H3): here, and nowhere else, repeats are removed. */
import { SkeinError } from '@skein/protocol/errors';

/** Bytes of input that may wait for the program. Viewers keep far below it (TYPED_AHEAD). */
const INPUT_QUEUE = 1024 * 1024;
/** Attachments whose input offsets are remembered; the oldest go first, as far as nobody is connected by them. */
const ATTACHMENTS = 256;

export class Attachments {
  readonly #accepted = new Map<string, number>();
  readonly #viewers: Iterable<{ attachment: string }>;

  /** `viewers`: those that are connected at any time. */
  constructor(viewers: Iterable<{ attachment: string }>) {
    this.#viewers = viewers;
  }

  acceptedOf(attachment: string): number {
    return this.#accepted.get(attachment) ?? 0;
  }

  /**
   * What of this input is new, when `queued` bytes wait for the program already; it counts as accepted from now on. Throws
   * `bad_request` when it leaves a gap, `mailbox_full` when it is past the queue: its sender sends it again.
   */
  fresh(attachment: string, offset: number, bytes: Uint8Array, queued: number): Uint8Array {
    const accepted = this.acceptedOf(attachment);
    this.follows(attachment, offset);
    const fresh = bytes.subarray(Math.min(bytes.length, accepted - offset));
    if (fresh.length === 0) return fresh;
    if (queued + fresh.length > INPUT_QUEUE) {
      throw new SkeinError(
        'mailbox_full',
        'The program does not read its input, and no more of it can wait.',
        { accepted },
      );
    }
    const known = this.#accepted.delete(attachment);
    this.#accepted.set(attachment, accepted + fresh.length);
    if (!known) this.#forget();
    return fresh;
  }

  #forget(): void {
    if (this.#accepted.size <= ATTACHMENTS) return;
    const connected = new Set(Array.from(this.#viewers, ({ attachment }) => attachment));
    for (const oldest of this.#accepted.keys()) {
      if (!connected.has(oldest)) this.#accepted.delete(oldest);
      if (this.#accepted.size <= ATTACHMENTS) return;
    }
  }

  /** Throws `bad_request` when input before `offset` has not come. */
  follows(attachment: string, offset: number): void {
    const accepted = this.acceptedOf(attachment);
    if (offset <= accepted) return;
    const message = `Input up to ${accepted} was accepted; ${offset} leaves a gap.`;
    throw new SkeinError('bad_request', message, { accepted });
  }
}
