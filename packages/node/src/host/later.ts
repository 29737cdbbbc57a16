/** Something to be tried once more after a while, however often that is asked for. */

/** Milliseconds: long for a reader, short for whoever waits for its output. */
const LATER_MS = 250;

export class Later {
  readonly #act: () => void;
  #timer: NodeJS.Timeout | undefined;

  constructor(act: () => void) {
    this.#act = act;
  }

  soon(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#act();
    }, LATER_MS).unref();
  }
}
