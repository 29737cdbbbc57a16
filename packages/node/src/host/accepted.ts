/** Tells a viewer how much of its input was taken (H3). */
import { HostFrame, offsetFrame } from '@skein/protocol/host/frames';
import type { Link } from './link.ts';

/** Milliseconds; far less than any viewer's window of input lasts. */
const BEHIND_MS = 2;

export class Accepted {
  readonly #link: Link;
  #offset: number | undefined;

  constructor(link: Link) {
    this.#link = link;
  }

  /** Input up to here has been taken. Told a moment later, behind the output that it may have caused: no echo waits for it. */
  tell(offset: number): void {
    const waiting = this.#offset !== undefined;
    this.#offset = offset;
    if (!waiting) setTimeout(() => this.flush(), BEHIND_MS);
  }

  /** Says now what is still to be told. */
  flush(): void {
    if (this.#offset === undefined) return;
    this.#link.send(offsetFrame(HostFrame.ACCEPTED, this.#offset));
    this.#offset = undefined;
  }
}
