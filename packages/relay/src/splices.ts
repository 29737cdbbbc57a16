/** Every splice of the relay: joined, counted, and ended, together or for others to have room. */
import type { Applicant } from './admission.ts';
import type { Arrival } from './arrivals.ts';
import { Bucket } from './bucket.ts';
import type { Meeting } from './meetings.ts';
import type { Quotas } from './quotas.ts';
import { Splice } from './splice.ts';
import type { Stats } from './stats.ts';
import type { Usage } from './usage.ts';
import type { Wheel } from './wheel.ts';

/** Whose a splice is: the two as registered, and what the dialer shares with those who may be the same. */
type Owned = Pick<Meeting, 'who' | 'origin'>;

export class Splices {
  readonly #wheel: Wheel;
  readonly #quotas: Quotas;
  readonly #usage: Usage;
  readonly #stats: Stats;
  /** The oldest first. */
  readonly #all = new Map<Splice, Owned>();
  readonly #bucket: Bucket | undefined;

  constructor(wheel: Wheel, quotas: Quotas, usage: Usage, stats: Stats) {
    this.#wheel = wheel;
    this.#quotas = quotas;
    this.#usage = usage;
    this.#stats = stats;
    this.#bucket = quotas.rate > 0 ? new Bucket(wheel, quotas.rate) : undefined;
  }

  get size(): number {
    return this.#all.size;
  }

  /** Bytes kept for readers that have not taken them. */
  get waiting(): number {
    let bytes = 0;
    for (const splice of this.#all.keys()) bytes += splice.waiting;
    return bytes;
  }

  join({ dialer, target, who, origin }: Meeting, from: Arrival, to: Arrival): void {
    const a = from.accept();
    const b = to.accept();
    if (a === undefined || b === undefined) {
      a?.destroy();
      b?.destroy();
      return;
    }
    dialer.splices++;
    target.joined++;
    const buckets = new Set([this.#bucket, dialer.bucket, target.bucket]);
    const splice = new Splice(a, b, {
      wheel: this.#wheel,
      idleMs: this.#quotas.idleMs,
      buckets: [...buckets].filter((bucket) => bucket !== undefined),
      passed: (bytes) => {
        this.#stats.splicedBytes += bytes;
      },
      ended: (reason) => {
        this.#all.delete(splice);
        dialer.splices--;
        target.joined--;
        this.#usage.tidy(dialer);
        this.#usage.tidy(target);
        this.#stats.spliceEnds.add(reason);
      },
    });
    this.#all.set(splice, { who, origin });
  }

  /** Cuts those of whom one may not be here any longer. */
  cut(mayStay: (one: Applicant) => boolean): void {
    for (const [splice, { who }] of [...this.#all]) if (!who.every(mayStay)) splice.destroy('not_admitted');
  }

  /**
   * Cuts the oldest of the origin that has most of them, where that is more than this one would have with a further one and
   * its `pending` dials: however many keys somebody relays with, they shut out nobody else. False where nobody has more.
   */
  makeRoom(origin: string, pending: number): boolean {
    const byOrigin = Map.groupBy(this.#all, ([, one]) => one.origin);
    const [most = []] = [...byOrigin.values()].sort((a, b) => b.length - a.length);
    const [oldest] = most;
    const own = (byOrigin.get(origin)?.length ?? 0) + pending;
    if (oldest === undefined || most.length <= own + 1) return false;
    const [splice] = oldest;
    // Its ends close a moment later: until then it would be counted, and cut again.
    this.#all.delete(splice);
    splice.destroy('made_room');
    return true;
  }

  end(): void {
    for (const splice of [...this.#all.keys()]) splice.destroy('stopped');
  }
}
