/** Tells a viewer how much of its input was taken (H3). */
import { HostFrame, offsetFrame } from '@skein/protocol/host/frames';
import type { Link } from './link.ts';

export class Accepted {
  readonly #link: Link;
  #offset: number | undefined;

  constructor(link: Link) {
    this.#link = link;
  }

  /**
   * Input up to here has been taken. Told behind the output that it may have caused, when there is some in the next turn of
   * the loop: the echo of a key does not wait for it.
   */
  tell(offset: number): void {
    const waiting = this.#offset !== undefined;
    this.#offset = offset;
    if (!waiting) setImmediate(() => setImmediate(() => this.#send()));
  }

  #send(): void {
    if (this.#offset === undefined) return;
    this.#link.send(offsetFrame(HostFrame.ACCEPTED, this.#offset));
    this.#offset = undefined;
  }
}
