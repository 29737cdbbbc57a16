/** Two ends of a stream in memory, which deliver only when told to, in pieces as they are told: for tests of the protocol alone. */
import type { ByteStream } from './tunnels.ts';

type Events = Parameters<ByteStream['listen']>[0];

class PairEnd implements ByteStream {
  other!: PairEnd;
  events: Events | undefined;
  /** Bytes sent and not yet delivered; `writable` up to the capacity. */
  waiting = Buffer.alloc(0);
  capacity = 128 * 1024;
  ended = false;
  aborted: Error | undefined;
  /** Nothing is delivered to it; how often that was asked for. */
  paused = false;
  pauses = 0;
  /** The most that ever waited. */
  most = 0;

  writable(): boolean {
    return this.waiting.length < this.capacity && !this.ended && this.aborted === undefined;
  }

  send(bytes: Uint8Array): void {
    this.waiting = Buffer.concat([this.waiting, bytes]);
    this.most = Math.max(this.most, this.waiting.length);
  }

  end(): void {
    this.ended = true;
  }

  abort(error: Error): void {
    if (this.aborted !== undefined) return;
    this.aborted = error;
    this.waiting = Buffer.alloc(0);
    queueMicrotask(() => this.other.events?.closed(new Error('reset')));
  }

  listen(events: Events): void {
    this.events = events;
  }

  pause(): void {
    this.paused = true;
    this.pauses++;
  }

  resume(): void {
    this.paused = false;
  }

  /** Delivers up to so many bytes to the other end; how many it were. */
  deliver(bytes: number): number {
    if (this.other.paused) return 0;
    const full = !this.writable();
    const chunk = Uint8Array.from(this.waiting.subarray(0, bytes));
    this.waiting = this.waiting.subarray(chunk.length);
    if (chunk.length > 0) this.other.events?.data(chunk);
    if (full && this.writable()) this.events?.drained();
    if (this.ended && this.waiting.length === 0) this.other.events?.closed();
    return chunk.length;
  }
}

export function streamPair(): [PairEnd, PairEnd] {
  const one = new PairEnd();
  const two = new PairEnd();
  one.other = two;
  two.other = one;
  return [one, two];
}

/** Lets what was planned for the end of this turn happen. */
export async function turn(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}

/** Delivers both ways until nothing is under way. */
export async function settle(pair: readonly PairEnd[], chunk = Number.MAX_SAFE_INTEGER): Promise<void> {
  for (;;) {
    await turn();
    const delivered = pair.reduce((sum, end) => sum + end.deliver(chunk), 0);
    await turn();
    if (delivered === 0 && pair.every((end) => end.waiting.length === 0)) return;
  }
}
