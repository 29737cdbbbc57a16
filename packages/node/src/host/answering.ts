/** Who answers the queries that a program prints (rule H7): somebody's terminal, where it is sent them, else the emulator. */

import type { Answer } from '../terminal/emulator/emulator-messages.ts';

/** Bytes of answers to its queries that may wait for a program. */
const ANSWERS_MAX = 64 * 1024;

export class Answering {
  /** From which offset on a terminal answered (true) or the emulator does (false). */
  #turns: { from: number; terminal: boolean }[] = [{ from: 0, terminal: false }];
  readonly #consumed: () => number;
  /** Queries up to here are answered: an emulator that begins anew, its thread lost, meets them once more. */
  #answered = 0;
  /** The last size that the program was told unasked, and from where on it had that: it is met once more likewise. */
  #told: Answer = { offset: -1, text: '' };

  /** `consumed`: how far the emulator is; it answers nothing any more that was asked before. */
  constructor(consumed: () => number) {
    this.#consumed = consumed;
  }

  /** How many turns are remembered. */
  get turns(): number {
    return this.#turns.length;
  }

  /** From this offset on somebody's terminal is sent what is printed, or none is. */
  by(terminal: boolean, from: number): void {
    if (this.#turns.at(-1)?.terminal === terminal) return;
    this.#turns.push({ from, terminal });
    const consumed = this.#consumed();
    const at = this.#turns.findLastIndex((turn) => turn.from <= consumed);
    if (at > 0) this.#turns.splice(0, at);
  }

  /** The emulator's answers without those that a terminal has given. A program that reads none, as `queued` wait for it, gets no more. */
  emulators(answers: readonly Answer[], queued: number): string {
    const before = this.#answered;
    let own = '';
    for (const answer of answers) {
      const { offset, text } = answer;
      if (!this.#isNew(answer, before)) continue;
      const ours = answer.unasked === true || this.isEmulators(offset);
      if (ours && queued + own.length < ANSWERS_MAX) own += text;
    }
    return own;
  }

  /** A size is told whoever answers: the terminal that heard the program ask for sizes may be gone, and another be there. */
  #isNew(answer: Answer, before: number): boolean {
    const { offset, text, unasked } = answer;
    if (unasked === true) {
      if (offset < this.#told.offset || (offset === this.#told.offset && text === this.#told.text))
        return false;
      this.#told = answer;
      return true;
    }
    if (offset <= before) return false;
    this.#answered = offset;
    return true;
  }

  /** Whether the query that ends at this offset is the emulator's to answer. Offsets only grow. */
  isEmulators(offset: number): boolean {
    const at = this.#turns.findLastIndex(({ from }) => from < offset);
    const terminal = this.#turns[at]?.terminal ?? false;
    if (at > 0) this.#turns.splice(0, at);
    return !terminal;
  }
}
