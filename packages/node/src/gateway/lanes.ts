/** The lanes of one connection by their numbers, which its client gives and may give again (rules C1, C2). */
import type { NodeFrame } from '@skein/protocol/channel/frames';
import { SkeinError } from '@skein/protocol/errors';
import { MAX_LANES } from '@skein/protocol/limits';
import type { Lane, LaneContext } from './lane.ts';

export class Lanes {
  readonly #lanes = new Map<number, Lane>();
  readonly #send: (frame: NodeFrame) => void;

  constructor(send: (frame: NodeFrame) => void) {
    this.#send = send;
  }

  get(number: number): Lane | undefined {
    return this.#lanes.get(number);
  }

  /** Throws `bad_frame` for a number in use; whatever else refuses a lane is told to its reader. */
  open(number: number, make: (context: LaneContext) => Lane): void {
    if (this.#lanes.has(number)) throw new SkeinError('bad_frame', `Lane ${number} is open already.`);
    if (this.#lanes.size >= MAX_LANES)
      return this.#end(
        number,
        new SkeinError('mailbox_full', `A connection has at most ${MAX_LANES} lanes.`),
      );
    let lane: Lane | undefined;
    // A lane that was closed may still say something, when another has its number: that is heard by nobody.
    const isThere = () => lane !== undefined && this.#lanes.get(number) === lane;
    try {
      lane = make({
        lane: number,
        send: (frame) => {
          if (isThere()) this.#send(frame);
        },
        end: (error) => {
          if (!isThere()) return;
          this.#lanes.delete(number);
          this.#end(number, error);
        },
      });
    } catch (thrown) {
      return this.#end(number, SkeinError.from(thrown));
    }
    // In the table before it runs: it may end at once.
    this.#lanes.set(number, lane);
    lane.start();
  }

  close(number: number): void {
    this.#lanes.get(number)?.close();
    this.#lanes.delete(number);
  }

  closeAll(): void {
    for (const lane of this.#lanes.values()) lane.close();
    this.#lanes.clear();
  }

  #end(lane: number, error?: SkeinError): void {
    this.#send(error === undefined ? { t: 'end', lane } : { t: 'end', lane, error: error.toBody() });
  }
}
