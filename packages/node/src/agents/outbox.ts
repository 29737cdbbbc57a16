/** The writes of a run that its host has not accepted yet, sent in order and a window at a time (rule H3). */
import type { Write } from '../drivers/driver.ts';
import { offHeap } from '../off-heap.ts';

/** Bytes under way to a host at once: below what it lets wait for a program. */
const WINDOW = 256 * 1024;

export class Outbox {
  #writes: Write[] = [];
  /** How far the host has accepted, and how far has been sent on this connection. */
  #accepted = 0;
  #sent = 0;
  /** Offsets of writes that have arrived whole and were not told yet. */
  #arrived: number[] = [];
  #send: ((offset: number, bytes: Uint8Array) => void) | undefined;

  /** The offsets of all that the host may not have yet. */
  get offsets(): number[] {
    return this.#writes.map((one) => one.offset);
  }

  /** What is committed and to be sent. */
  add(writes: readonly Write[]): void {
    this.#writes.push(...writes);
    this.#flow();
  }

  /** A connection, whose host expects the byte `accepted` next. */
  opened(accepted: number, send: (offset: number, bytes: Uint8Array) => void): void {
    this.#send = send;
    this.#sent = accepted;
    this.accepted(accepted);
  }

  closed(): void {
    this.#send = undefined;
  }

  /** The offsets of the writes that the host has whole by now, and which need not be kept: each told once. */
  arrived(): number[] {
    return this.#arrived.splice(0);
  }

  accepted(offset: number): void {
    this.#accepted = Math.max(this.#accepted, offset);
    const done = this.#writes.filter((one) => one.offset + one.bytes.length <= this.#accepted);
    this.#writes = this.#writes.slice(done.length);
    for (const { offset: start, bytes } of done) {
      this.#arrived.push(start);
      offHeap.released(bytes.length);
    }
    this.#flow();
  }

  #flow(): void {
    if (this.#send === undefined) return;
    for (const { offset, bytes } of this.#writes) {
      const end = offset + bytes.length;
      const most = Math.min(end, this.#accepted + WINDOW);
      if (this.#sent >= end) continue;
      if (this.#sent < offset || most <= this.#sent) return;
      const piece = bytes.subarray(this.#sent - offset, most - offset);
      const at = this.#sent;
      this.#sent = most;
      this.#send(at, piece);
      if (most < end) return;
    }
  }
}
