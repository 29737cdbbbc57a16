/** Tells a viewer how much of its input was taken (H3). */
import { HostFrame, offsetFrame } from '@skein/protocol/host/frames';
import type { Link } from './link.ts';

/** Milliseconds for output to take it along; far less than any viewer's window of input lasts. */
const BEHIND_MS = 2;

export class Accepted {
  readonly #link: Link;
  #offset: number | undefined;

  constructor(link: Link) {
    this.#link = link;
  }

  /** Input up to here has been taken. Told behind the output that it may have caused, so that no echo waits for it. */
  tell(offset: number): void {
    const waiting = this.#offset !== undefined;
    this.#offset = offset;
    if (!waiting) setTimeout(() => this.flush(), BEHIND_MS);
  }

  /** Sends output, and what is still to be told behind it: whoever types far away is woken once, and not twice. */
  behind(send: () => void): void {
    if (this.#offset === undefined) return send();
    this.#link.together(() => {
      send();
      this.flush();
    });
  }

  /** Says now what is still to be told. */
  flush(): void {
    if (this.#offset === undefined) return;
    this.#link.send(offsetFrame(HostFrame.ACCEPTED, this.#offset));
    this.#offset = undefined;
  }
}
