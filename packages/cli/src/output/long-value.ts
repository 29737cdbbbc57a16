/** The one value of `--json` where a string in it may be long: an object that is written as its string comes. */
import type { LongOutput } from './long-output.ts';
import { jsonText } from './write.ts';

export class LongValue {
  readonly #out: LongOutput;
  readonly #head: string;
  #begun = false;

  /** `before` stands before the string, which is called `name`. Nothing is written before there is some of it, or its end. */
  constructor(out: LongOutput, before: object, name: string) {
    this.#out = out;
    this.#head = `${jsonText({ ...before, [name]: '' }).slice(0, -2)}`;
  }

  /** Whether some of it is written, so that it has to be ended. */
  get begun(): boolean {
    return this.#begun;
  }

  write(piece: string): void {
    if (piece === '') return;
    const head = this.#begun ? '' : this.#head;
    this.#begun = true;
    this.#out.write(head + jsonText(piece).slice(1, -1));
  }

  /** Ends the string, and has what was not known before stand behind it. */
  end(after: object): void {
    const head = this.#begun ? '' : this.#head;
    this.#begun = true;
    const rest = jsonText(after).slice(1);
    this.#out.write(`${head}"${rest === '}' ? '' : ','}${rest}\n`);
  }
}
