/** What has arrived and not yet been asked for, in order; asking waits. */

interface Waiter<T> {
  types: readonly string[];
  resolve(item: T): void;
  reject(error: Error): void;
}

export class Inbox<T extends { t: string }> {
  readonly #items: T[] = [];
  readonly #waiters: Waiter<T>[] = [];
  #closed = false;

  put(item: T): void {
    const at = this.#waiters.findIndex((waiter) => waiter.types.includes(item.t));
    if (at >= 0) this.#waiters.splice(at, 1)[0]?.resolve(item);
    else this.#items.push(item);
  }

  /** The first of these types, now or later; rejects when the connection ends before it comes. */
  take<const K extends T['t']>(...types: K[]): Promise<Extract<T, { t: K }>> {
    const at = this.#items.findIndex((item) => types.includes(item.t as K));
    if (at >= 0) return Promise.resolve(this.#items.splice(at, 1)[0] as Extract<T, { t: K }>);
    if (this.#closed) return Promise.reject(new Error(`closed before ${types.join(' or ')}`));
    return new Promise((resolve, reject) => {
      this.#waiters.push({ types, resolve: resolve as (item: T) => void, reject });
    });
  }

  close(): void {
    this.#closed = true;
    for (const { types, reject } of this.#waiters.splice(0))
      reject(new Error(`closed before ${types.join(' or ')}`));
  }
}
