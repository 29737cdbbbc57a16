/** Two ends joined: bytes pass unread, no faster than they are taken, no faster than allowed, and while any pass (R1, C2). */
import type { Bucket, Held } from './bucket.ts';
import type { End } from './ends.ts';
import type { Timed, Wheel } from './wheel.ts';

/** Why a splice ended, as the metrics tell it. */
type SpliceReason = 'closed' | 'idle' | 'stopped' | 'not_admitted' | 'made_room';

/** Bytes that a chunk counts for at least: to pass a byte on costs nearly as much. */
const CHUNK_COST = 256;

interface SpliceOptions {
  wheel: Wheel;
  /** Milliseconds without a byte either way. */
  idleMs: number;
  /** Every bucket that its bytes are taken from. */
  buckets: readonly Bucket[];
  passed(bytes: number): void;
  ended(reason: SpliceReason): void;
}

/** One way through a splice. Its reading stops while anything stands against it: a full reader, or a bucket. */
class Flow implements Held {
  readonly #from: End;
  readonly to: End;
  #against = 0;
  #full = false;
  /** The sending end has sent all it will. */
  over = false;

  constructor(from: End, to: End) {
    this.#from = from;
    this.to = to;
  }

  pass(chunk: Buffer): void {
    if (this.to.write(chunk) || this.#full) return;
    this.#full = true;
    this.hold();
  }

  drained(): void {
    if (!this.#full) return;
    this.#full = false;
    this.release();
  }

  hold(): void {
    if (this.#against++ === 0) this.#from.pause();
  }

  release(): void {
    if (--this.#against === 0) this.#from.resume();
  }
}

export class Splice implements Timed {
  due: number;
  readonly #options: SpliceOptions;
  readonly #ends: readonly [End, End];
  readonly #flows: readonly [Flow, Flow];
  #open = 2;
  #reason: SpliceReason = 'closed';

  constructor(a: End, b: End, options: SpliceOptions) {
    this.#options = options;
    this.#ends = [a, b];
    this.#flows = [new Flow(a, b), new Flow(b, a)];
    this.due = options.wheel.now + options.idleMs;
    options.wheel.add(this);
    this.#listen(a, this.#flows[0], this.#flows[1]);
    this.#listen(b, this.#flows[1], this.#flows[0]);
  }

  /** Bytes kept for readers that have not taken them: at most the high-water mark and a chunk, each way (C2). */
  get waiting(): number {
    return this.#ends[0].waiting + this.#ends[1].waiting;
  }

  expire(): void {
    this.destroy('idle');
  }

  destroy(reason: SpliceReason): void {
    this.#reason = reason;
    for (const end of this.#ends) end.destroy();
  }

  /** `out` carries what this end sends, `back` what it is sent. */
  #listen(end: End, out: Flow, back: Flow): void {
    end.events = {
      data: (chunk) => {
        const { wheel, idleMs, buckets, passed } = this.#options;
        // For one whose other end is gone the clock runs on, whatever it still sends.
        if (this.#open === 2) this.due = wheel.now + idleMs;
        passed(chunk.length);
        out.pass(chunk);
        const cost = Math.max(CHUNK_COST, chunk.length);
        for (const bucket of buckets) bucket.charge(cost, out);
      },
      drain: () => back.drained(),
      ended: () => {
        out.over = true;
        if (back.over) this.#finish();
        else out.to.end();
      },
      closed: () => {
        if (--this.#open === 0) return this.#gone();
        // Nothing can be brought to it any more, so nothing is held back for it; what it sent is still delivered.
        back.drained();
        if (back.over) out.to.finish();
        else out.to.end();
        out.over = true;
      },
    };
  }

  #finish(): void {
    for (const end of this.#ends) end.finish();
  }

  #gone(): void {
    this.#options.wheel.delete(this);
    for (const bucket of this.#options.buckets) for (const flow of this.#flows) bucket.forget(flow);
    this.#options.ended(this.#reason);
  }
}
