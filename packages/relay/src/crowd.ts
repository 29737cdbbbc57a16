/** From where those come who are registered: how many share an address, and who makes room when there are too many (rule R3). */
import type { Control } from './control.ts';

export class Crowd {
  readonly #perAddress = new Map<string, number>();
  /** By what those share who may be one; of each the newest last. */
  readonly #byOrigin = new Map<string, Set<Control>>();

  /** Registered from an address, as limits count it. */
  at(key: string | undefined): number {
    return key === undefined ? 0 : (this.#perAddress.get(key) ?? 0);
  }

  add(control: Control): void {
    this.#count(control.newcomer.key, 1);
    const { origin } = control;
    const all = this.#byOrigin.get(origin);
    if (all === undefined) this.#byOrigin.set(origin, new Set([control]));
    else all.add(control);
  }

  delete(control: Control): void {
    this.#count(control.newcomer.key, -1);
    const { origin } = control;
    const all = this.#byOrigin.get(origin);
    if (all?.delete(control) && all.size === 0) this.#byOrigin.delete(origin);
  }

  /**
   * The newest of the origin that has most, of those that may be turned out, where that has more than another one would have
   * with a further node: however many keys and addresses somebody registers with, they keep out nobody else. For one who is
   * `privileged`, however few that one has. Undefined where there is none.
   */
  whoMakesRoom(origin: string, privileged: boolean, mayGo: (one: Control) => boolean): Control | undefined {
    const least = privileged ? 1 : (this.#byOrigin.get(origin)?.size ?? 0) + 2;
    const large = [...this.#byOrigin.values()].filter((all) => all.size >= least);
    for (const all of large.sort((a, b) => b.size - a.size)) {
      const newest = [...all].findLast(mayGo);
      if (newest !== undefined) return newest;
    }
    return undefined;
  }

  #count(key: string | undefined, change: 1 | -1): void {
    if (key === undefined) return;
    const count = this.at(key) + change;
    if (count > 0) this.#perAddress.set(key, count);
    else this.#perAddress.delete(key);
  }
}
