/** Notices that another node registers with this node's key, as one started from a copy of its home does (rule R1). */
import path from 'node:path';
import { SkeinError } from '@skein/protocol/errors';
import type { Identity } from '../identity.ts';

/** Milliseconds for which one is told of: each takes the other's place again within a quarter of that. */
const TOLD_MS = 60_000;

export class Rival {
  readonly #identity: Identity;
  readonly #url: string;
  #seen = Number.NEGATIVE_INFINITY;

  constructor(identity: Identity, url: string) {
    this.#identity = identity;
    this.#url = url;
  }

  /** A registration that held has ended, which no further try of this node's own can have replaced: what is to be thought of it. */
  weighed(error: SkeinError): SkeinError {
    if (error.code !== 'replaced') return error;
    this.#seen = performance.now();
    return this.#error;
  }

  /** What is to be said of it, though this node is registered just now. */
  get told(): SkeinError | undefined {
    return performance.now() - this.#seen < TOLD_MS ? this.#error : undefined;
  }

  get #error(): SkeinError {
    const key = path.join(this.#identity.dir, 'key');
    const text = `Another node has the key of this one, says ${this.#url}: they take each other's place there. If this home was copied, stop one of the two for good; or stop the copy, remove its ${key}, and start it: it is a node of its own then. If it was not, do not trust that relay: skein mesh --no-relay ${this.#url}`;
    return new SkeinError('identity_unsafe', text);
  }
}
