/** The host's door (rules C3, C5): whoever connects says HELLO first, soon and briefly, and few may wait to do so at once. */
import type { Socket } from 'node:net';
import { unpackFrame } from '@skein/protocol/codec';
import { SkeinError } from '@skein/protocol/errors';
import { HostFrame, type HostHello, hostHello } from '@skein/protocol/host/frames';
import { Link } from './link.ts';

/** Milliseconds in which a connection must say who it is. */
const HELLO_MS = 5_000;
/** Connections that have not yet said who they are. */
const MAX_STRANGERS = 64;

export class Door {
  readonly #welcome: (link: Link, hello: HostHello) => void;
  #strangers = 0;

  /** `welcome` is given each connection that has said HELLO; what it throws is the reason of the refusal. */
  constructor(welcome: (link: Link, hello: HostHello) => void) {
    this.#welcome = welcome;
  }

  accept(socket: Socket): void {
    const link = new Link(socket);
    if (this.#strangers >= MAX_STRANGERS)
      return link.refuse(
        new SkeinError('mailbox_full', 'Too many connections are waiting to begin: try again.'),
      );
    this.#strangers++;
    let known = false;
    const settle = () => {
      if (known) return;
      known = true;
      this.#strangers--;
      clearTimeout(timer);
    };
    const late = () => link.refuse(new SkeinError('timeout', 'A connection begins with HELLO.'));
    const timer = setTimeout(late, HELLO_MS);
    link.events = {
      frame: (type, payload) => {
        settle();
        try {
          if (type !== HostFrame.HELLO) throw new SkeinError('bad_frame', 'A connection begins with HELLO.');
          this.#welcome(link, hostHello(unpackFrame(payload), ''));
        } catch (error) {
          link.refuse(SkeinError.from(error));
        }
      },
      closed: settle,
    };
  }
}
