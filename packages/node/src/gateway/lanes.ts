/**
 * The lanes of one connection (rules C1, C2): by their numbers, which its client gives and may give again; and in turns, where
 * more would be sent than its reader takes.
 */
import type { NodeFrame } from '@skein/protocol/channel/frames';
import { SkeinError } from '@skein/protocol/errors';
import { MAX_LANES } from '@skein/protocol/limits';
import type { Lane, LaneContext } from './lane.ts';

export class Lanes {
  readonly #lanes = new Map<number, Lane>();
  /** Those of them that each fetch a blob, and are over with that. */
  readonly #transfers = new Set<number>();
  readonly #send: (frame: NodeFrame) => void;
  readonly #full: () => boolean;
  /** What lanes have to send and may not yet, in the order in which they came to it. */
  #turns: { number: number; act: () => void }[] = [];

  /** `full` says that nothing more is to be sent for now; `drained` is to be called as that may change. */
  constructor(send: (frame: NodeFrame) => void, full: () => boolean) {
    this.#send = send;
    this.#full = full;
  }

  get(number: number): Lane | undefined {
    return this.#lanes.get(number);
  }

  /**
   * Throws `bad_frame` for a number in use; whatever else refuses a lane is told to its reader. A transfer is counted among those
   * alone: every reader of events fetches what was too large for them, and must not be refused that for there being so many.
   */
  open(number: number, make: (context: LaneContext) => Lane, transfer = false): void {
    if (this.#lanes.has(number)) throw new SkeinError('bad_frame', `Lane ${number} is open already.`);
    const { size } = this.#transfers;
    if ((transfer ? size : this.#lanes.size - size) >= MAX_LANES)
      return this.#end(
        number,
        new SkeinError('mailbox_full', `A connection has at most ${MAX_LANES} lanes.`),
      );
    let lane: Lane | undefined;
    let ended = false;
    // A lane that was closed may still say something, when another has its number: that is heard by nobody.
    const isOpen = () => !ended && lane !== undefined && this.#lanes.get(number) === lane;
    try {
      lane = make({
        lane: number,
        send: (frame, gone) => isOpen() && this.#inTurn(number, () => this.#send(frame), gone),
        end: (error) => {
          if (!isOpen()) return;
          ended = true;
          this.#inTurn(number, () => {
            this.#forget(number);
            this.#end(number, error);
          });
        },
      });
    } catch (thrown) {
      return this.#end(number, SkeinError.from(thrown));
    }
    // In the table before it runs: it may end at once.
    this.#lanes.set(number, lane);
    if (transfer) this.#transfers.add(number);
    lane.start();
  }

  close(number: number): void {
    this.#lanes.get(number)?.close();
    this.#forget(number);
    this.#turns = this.#turns.filter((turn) => turn.number !== number);
  }

  closeAll(): void {
    for (const lane of this.#lanes.values()) lane.close();
    this.#lanes.clear();
    this.#transfers.clear();
    this.#turns = [];
  }

  /** There is room again, or may be: all who wait have their turns, until there is none. */
  drained(): void {
    while (this.#turns.length > 0 && !this.#full()) this.#turns.shift()?.act();
  }

  /** @returns whether it was done at once; if not, `later` is called when it was. */
  #inTurn(number: number, act: () => void, later?: () => void): boolean {
    const now = this.#turns.length === 0 && !this.#full();
    if (now) act();
    else
      this.#turns.push({
        number,
        act: () => {
          act();
          later?.();
        },
      });
    return now;
  }

  #forget(number: number): void {
    this.#lanes.delete(number);
    this.#transfers.delete(number);
  }

  #end(lane: number, error?: SkeinError): void {
    this.#send(error === undefined ? { t: 'end', lane } : { t: 'end', lane, error: error.toBody() });
  }
}
