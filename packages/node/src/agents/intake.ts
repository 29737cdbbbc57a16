/** What has come from an agent and its driver has not seen yet: whole lines, a bounded amount of them (rule C2). */
import type { Presented } from '../drivers/pending.ts';
import { Pending } from '../drivers/pending.ts';

/** Bytes taken in one transaction: a few hundred messages, which hold everything else up for about ten milliseconds. */
const BATCH = 128 * 1024;

export class Intake {
  #pending: Pending;
  #lines: Presented[] = [];
  #waiting = 0;
  #received: number;
  /** Where the output ends, once its program has. */
  #end: number | undefined;

  /** From the byte at which the driver stands. */
  constructor(from: number, maxLine: number) {
    this.#pending = new Pending(from, maxLine);
    this.#received = from;
  }

  push(offset: number, bytes: Uint8Array): void {
    // A host that was asked for bytes from here on sends none before and leaves none out; a gap is the driver's to tell.
    const fresh = bytes.subarray(Math.max(0, this.#received - offset));
    if (offset > this.#received) {
      this.#lines.push({ offset, bytes });
      return;
    }
    this.#received += fresh.length;
    const presented = this.#pending.push(fresh);
    if (presented === undefined) return;
    this.#lines.push(presented);
    this.#waiting += presented.bytes.length;
  }

  ends(offset: number): void {
    this.#end = offset;
  }

  /** How far its sender may think that all is taken: what waits is not. */
  get taken(): number {
    return this.#received - this.#waiting;
  }

  get received(): number {
    return this.#received;
  }

  /** Whether the driver has been given all that there will ever be. */
  get exhausted(): boolean {
    return this.#end !== undefined && this.#received >= this.#end && this.#lines.length === 0;
  }

  get idle(): boolean {
    return this.#lines.length === 0;
  }

  /** Whether more waits than is taken at once. */
  get plenty(): boolean {
    return this.#waiting >= BATCH;
  }

  /** The next lines, about a BATCH of them. */
  take(): Presented[] {
    const out: Presented[] = [];
    let size = 0;
    while (this.#lines.length > 0 && size < BATCH) {
      const next = this.#lines.shift() as Presented;
      out.push(next);
      size += next.bytes.length;
    }
    this.#waiting -= size;
    return out;
  }

  /** What is left of a last line that was never ended. */
  rest(): Presented {
    return this.#pending.end();
  }
}
