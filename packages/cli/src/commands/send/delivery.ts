/**
 * Bytes on their way to a program: numbered, so that over as many connections as it takes each is typed once (rules H3, C4).
 * Done when the host has taken everything.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { SkeinError } from '@skein/protocol/errors';
import { attachmentName } from '../../attach/attachment-name.ts';
import { HostViewer } from '../../attach/host-viewer.ts';
import { InputWindow } from '../../attach/input-window.ts';
import { MENDABLE } from '../../attach/mendable.ts';
import type { OpenViewer } from '../../attach/viewer-stream.ts';

/** Bytes in one frame; what waits for the program is bounded by the window. */
const PIECE = 16 * 1024;
/** Milliseconds for which a lost connection is tried again, and between two tries. */
const PATIENCE_MS = 60_000;
const AGAIN_MS = 200;

export class Delivery {
  readonly #bytes: Buffer;
  readonly #again: (() => Promise<OpenViewer>) | undefined;
  readonly #attachment = attachmentName();
  readonly #window = new InputWindow();
  /** What was numbered. */
  #at = 0;

  /** `again` finds the way once more, or throws; without it a connection that is lost is not made again. */
  constructor(bytes: Buffer, again?: () => Promise<OpenViewer>) {
    this.#bytes = bytes;
    this.#again = again;
  }

  /** Throws why it cannot go on, and how much was typed. */
  async run(first: OpenViewer): Promise<void> {
    let deadline = 0;
    let way = async () => first;
    for (;;) {
      const before = this.#typed;
      try {
        return await this.#over(await way());
      } catch (thrown) {
        const error = SkeinError.from(thrown);
        if (deadline === 0 || this.#typed > before) deadline = performance.now() + PATIENCE_MS;
        if (this.#again === undefined || !MENDABLE.includes(error.code) || performance.now() > deadline)
          throw this.#told(error);
        way = this.#again;
        await sleep(AGAIN_MS);
      }
    }
  }

  get #typed(): number {
    return this.#at - this.#window.waiting;
  }

  #told({ code, message, data }: SkeinError): SkeinError {
    const typed = `${this.#typed} of ${this.#bytes.length} bytes had been taken`;
    return new SkeinError(code, `${message.replace(/\.$/, '')}; ${typed}.`, {
      ...data,
      accepted: this.#typed,
    });
  }

  #over(open: OpenViewer): Promise<void> {
    const window = this.#window;
    return new Promise((resolve, reject) => {
      const more = () => {
        while (this.#at < this.#bytes.length && !window.full) {
          const { offset, bytes } = window.push(this.#bytes.subarray(this.#at, this.#at + PIECE));
          this.#at += bytes.length;
          viewer.input(offset, bytes);
        }
        if (this.#at < this.#bytes.length || !window.settled) return;
        resolve();
        viewer.close();
      };
      // Past its end there is no output to be sent, and no screen to be painted.
      const from = Number.MAX_SAFE_INTEGER;
      const viewer = new HostViewer(
        open,
        { view: 'bytes', from, attachment: this.#attachment },
        {
          welcome: ({ accepted }) => {
            window.accepted(accepted);
            for (const { offset, bytes } of window.unaccepted()) viewer.input(offset, bytes);
            more();
          },
          accepted: (offset) => {
            window.accepted(offset);
            more();
          },
          exit: () =>
            reject(new SkeinError('not_running', 'The program ended before it had read everything.')),
          closed: (error) => reject(error ?? new SkeinError('host_lost', "The session's host hung up.")),
        },
      );
    });
  }
}
