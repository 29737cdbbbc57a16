/**
 * Whether the emulator's thread gets on with its work, seen from the host's main thread (H1): nothing of it asks the thread,
 * which may be caught in one program's output for ever. Both look at three numbers in memory that they share.
 */

/**
 * Milliseconds between two looks, and how many in a row may find the work where it was. A look that is late is still one: the
 * machine may have slept. And the thread, which yields to everyone, may have had no processor: stuck is what has used one
 * for half of that time.
 */
const LOOK_MS = 1000;
const LOOKS = 10;
const SHARE = 0.5;

const TAKEN = 0;
const STEPS = 1;
const RUN = 2;

/** The thread's side: what it is doing. */
export class Doing {
  readonly #shared: Int32Array;

  constructor(buffer: SharedArrayBuffer) {
    this.#shared = new Int32Array(buffer);
  }

  /** A message was taken from those that were sent. */
  took(): void {
    Atomics.add(this.#shared, TAKEN, 1);
  }

  /** Works for the run of this number; for none with 0. */
  workFor(run: number): void {
    Atomics.store(this.#shared, RUN, run);
    this.step();
  }

  /** Another piece of the work is done. */
  step(): void {
    Atomics.add(this.#shared, STEPS, 1);
  }
}

/** Milliseconds of processor time that threads other than this one have used. */
function usedByOthers(): number {
  const [all, own] = [process.cpuUsage(), process.threadCpuUsage()];
  return (all.user + all.system - own.user - own.system) / 1000;
}

/** The host's side. Looks only while something is to be done. */
export class Watch {
  readonly buffer = new SharedArrayBuffer(3 * Int32Array.BYTES_PER_ELEMENT);
  readonly #shared = new Int32Array(this.buffer);
  readonly #stuck: (run: number) => void;
  readonly #every: number;
  readonly #used: () => number;
  #timer: NodeJS.Timeout | undefined;
  #sent = 0;
  #steps = 0;
  #looks = 0;
  #usedBefore = 0;

  /** `stuck` is called once, with the number of the run that the thread is caught in. The others are for tests. */
  constructor(stuck: (run: number) => void, every = LOOK_MS, used = usedByOthers) {
    this.#stuck = stuck;
    this.#every = every;
    this.#used = used;
  }

  /** The number of the run that is being worked for, 0 for none. */
  get run(): number {
    return Atomics.load(this.#shared, RUN);
  }

  /** A message is on its way to the thread. */
  sent(): void {
    this.#sent = (this.#sent + 1) | 0;
    if (this.#timer !== undefined) return;
    this.#stepped();
    this.#timer = setInterval(() => this.#look(), this.#every).unref();
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #look(): void {
    const steps = Atomics.load(this.#shared, STEPS);
    const moved = steps !== this.#steps;
    this.#steps = steps;
    const { run } = this;
    if (moved) this.#stepped();
    else if (run === 0 && Atomics.load(this.#shared, TAKEN) === this.#sent) this.stop();
    else if (++this.#looks >= LOOKS && run !== 0 && this.#busy()) {
      this.stop();
      this.#stuck(run);
    }
  }

  #stepped(): void {
    this.#looks = 0;
    this.#usedBefore = this.#used();
  }

  #busy(): boolean {
    return this.#used() - this.#usedBefore >= SHARE * LOOKS * this.#every;
  }
}
