/** The streams of the log as the main thread knows them: what is durable, what is applied, and who waits for more. */
import { SkeinError } from '@skein/protocol/errors';
import { freshEpoch } from '../log/fresh-epoch.ts';
import type { Cursor, StreamInfo } from '../types.ts';
import { STREAMS, type StreamRow } from '../wire.ts';

export class Stream {
  readonly number: number;
  readonly name: string;
  epoch: number;
  /** The first offset that can be read. */
  first: number;
  /** The last durable offset; only events up to here are shown to anyone. */
  durable: number;
  /** The last offset given out; ahead of `durable` while a batch is under way. */
  head: number;
  readonly #waiting = new Set<() => void>();

  constructor(row: StreamRow) {
    this.number = row.number;
    this.name = row.name;
    this.epoch = row.epoch;
    this.first = row.first;
    this.durable = row.head;
    this.head = row.head;
  }

  get cursor(): Cursor | null {
    return this.durable === 0 ? null : { epoch: this.epoch, offset: this.durable };
  }

  info(): StreamInfo {
    return { name: this.name, epoch: this.epoch, first: this.first, head: this.durable };
  }

  /** Calls `wake` once, at the next change of what can be read. Returns how to stop waiting. */
  wait(wake: () => void): () => void {
    this.#waiting.add(wake);
    return () => this.#waiting.delete(wake);
  }

  changed(): void {
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const wake of waiting) wake();
  }
}

/** Numbers that are left over for what is being decided: one command may begin several streams. */
const SPARE = 128;

export class Registry {
  readonly #byName = new Map<string, Stream>();
  /** Also those of streams that were removed, until the next start: what is left of them goes bit by bit. */
  readonly #taken = new Set<number>();
  #next = 1;
  /** Below it every number is taken. */
  #low = 1;

  load(rows: readonly StreamRow[], next: number, removing: readonly number[] = []): void {
    this.#next = next;
    this.#low = 1;
    this.#taken.clear();
    for (const number of removing) this.#taken.add(number);
    for (const row of rows) {
      this.#taken.add(row.number);
      this.#byName.set(row.name, new Stream(row));
    }
  }

  /** After a repair: what the log holds now. Waiting readers find out by being woken. */
  reload(rows: readonly StreamRow[], next: number, removing: readonly number[]): void {
    const old = [...this.#byName.values()];
    this.#byName.clear();
    this.load(rows, next, removing);
    for (const stream of old) stream.changed();
  }

  /** A stream with durable events. */
  get(name: string): Stream | undefined {
    const stream = this.#byName.get(name);
    return stream && stream.durable > 0 ? stream : undefined;
  }

  /** The same; throws not_found where there is none. */
  known(name: string): Stream {
    const stream = this.get(name);
    if (!stream) throw new SkeinError('not_found', `There is no ${name}.`, { stream: name });
    return stream;
  }

  /** The number of a stream that exists, or is about to. */
  number(name: string): number | undefined {
    return this.#byName.get(name)?.number;
  }

  /** Throws `too_large` for a stream that does not exist when there is no number left for it. */
  admit(name: string): void {
    if (this.#taken.size < STREAMS - SPARE || this.#byName.has(name)) return;
    const message = `The log has ${this.#taken.size} streams, and room for no more. Remove sessions with all that is kept of them: skein prune --older 30d --purge`;
    throw new SkeinError('too_large', message, { limit: STREAMS - SPARE });
  }

  /** The next number; once all were given out, one of a stream that is gone. */
  #number(): number {
    let number = this.#next;
    if (number < STREAMS) this.#next += 1;
    else {
      while (this.#taken.has(this.#low)) this.#low += 1;
      number = this.#low;
    }
    this.#taken.add(number);
    return number;
  }

  /** The stream that an event is about to be appended to, which was admitted; new ones start their own epoch. */
  claim(name: string): Stream {
    let stream = this.#byName.get(name);
    if (!stream) {
      stream = new Stream({ number: this.#number(), name, epoch: freshEpoch(), first: 1, head: 0 });
      this.#byName.set(name, stream);
    }
    return stream;
  }

  all(): Stream[] {
    return [...this.#byName.values()].filter((stream) => stream.durable > 0);
  }

  /** Forgets offsets that were given out and never became durable. */
  rollBack(): void {
    for (const stream of this.#byName.values()) {
      stream.head = stream.durable;
      if (stream.durable > 0) continue;
      this.#byName.delete(stream.name);
      this.#taken.delete(stream.number);
      this.#low = Math.min(this.#low, stream.number);
    }
  }

  /** A stream that goes on in another epoch. */
  renew(row: StreamRow): void {
    const old = this.#byName.get(row.name);
    this.#byName.set(row.name, new Stream(row));
    old?.changed();
  }

  remove(name: string): void {
    const stream = this.#byName.get(name);
    this.#byName.delete(name);
    stream?.changed();
  }
}
