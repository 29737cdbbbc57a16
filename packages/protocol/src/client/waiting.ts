/** What a client has sent and has no answer to yet: said again on the next connection, in the order of its numbers. */
import type { ClientFrame, WireError } from '../channel/frames.ts';
import type { SkeinError } from '../errors.ts';
import { wireError } from './lane.ts';

interface One {
  frame: ClientFrame;
  resolve: (value: unknown) => void;
  reject: (error: SkeinError) => void;
}

export class Waiting {
  readonly #all = new Map<number, One>();

  get size(): number {
    return this.#all.size;
  }

  /** The lowest number that waits; Infinity when none does. */
  get lowest(): number {
    // They were added in the order of their numbers.
    return this.#all.keys().next().value ?? Number.POSITIVE_INFINITY;
  }

  get frames(): ClientFrame[] {
    return [...this.#all.values()].map(({ frame }) => frame);
  }

  add(number: number, frame: ClientFrame): Promise<unknown> {
    return new Promise((resolve, reject) => {
      this.#all.set(number, { frame, resolve, reject });
    });
  }

  /** The answer has come; one to what nobody waits for is passed over. */
  settle(number: number, body: unknown, error: WireError | undefined): void {
    const one = this.#all.get(number);
    if (one === undefined) return;
    this.#all.delete(number);
    if (error !== undefined) one.reject(wireError(error));
    else one.resolve(body);
  }

  rejectAll(error: SkeinError): void {
    for (const { reject } of this.#all.values()) reject(error);
    this.#all.clear();
  }
}
