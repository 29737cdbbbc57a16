/** What each peer uses of the relay. Only peers that dial or are dialled have an entry, so that idle ones cost nothing. */
import { Bucket } from './bucket.ts';
import type { Timed, Wheel } from './wheel.ts';

/** Milliseconds after which an unused entry goes, unless its bucket is still filling: coming back must gain nothing. */
const KEEP_MS = 2_000;

/** One peer's share. */
export class Use implements Timed {
  readonly peer: string;
  /** Undefined where bytes are not limited. */
  readonly bucket: Bucket | undefined;
  readonly #gone: (use: Use) => void;
  due = 0;
  /** Dials that it made and that wait, and those for it. */
  dialling = 0;
  called = 0;
  /** Splices that it dialled, and those dialled by others that it is an end of. */
  splices = 0;
  joined = 0;

  constructor(peer: string, bucket: Bucket | undefined, gone: (use: Use) => void) {
    this.peer = peer;
    this.bucket = bucket;
    this.#gone = gone;
  }

  get idle(): boolean {
    return this.dialling + this.called + this.splices + this.joined === 0;
  }

  expire(): void {
    this.#gone(this);
  }
}

export class Usage {
  readonly #peers = new Map<string, Use>();
  readonly #wheel: Wheel;
  readonly #rate: number;

  /** `rate` in bytes a second a peer, 0 for no limit. */
  constructor(wheel: Wheel, rate: number) {
    this.#wheel = wheel;
    this.#rate = rate;
  }

  get size(): number {
    return this.#peers.size;
  }

  /** The entry of a peer, made if there is none. Whoever takes a count down says `tidy`. */
  of(peer: string): Use {
    const known = this.#peers.get(peer);
    if (known !== undefined) return known;
    const bucket = this.#rate > 0 ? new Bucket(this.#wheel, this.#rate) : undefined;
    const use = new Use(peer, bucket, (gone) => {
      if (gone.idle && gone.bucket?.full !== false) this.#peers.delete(peer);
      else this.tidy(gone);
    });
    this.#peers.set(peer, use);
    return use;
  }

  tidy(use: Use): void {
    if (!use.idle) return;
    use.due = this.#wheel.now + KEEP_MS;
    this.#wheel.add(use);
  }
}
