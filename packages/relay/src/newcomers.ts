/** Connections that have proved nothing yet: few in all, few from one address, and for seconds only (rule R3). */
import type { Socket } from 'node:net';
import { AUTH_MS } from '@skein/protocol/relay/limits';
import { limitKey } from './client-address.ts';
import type { Quotas } from './quotas.ts';
import type { Timed, Wheel } from './wheel.ts';

export class Newcomer implements Timed {
  readonly socket: Socket;
  due: number;
  /** As limits count it; undefined while it is not counted. */
  key: string | undefined;
  /** As the log may show it. */
  address: string | undefined;
  readonly #late: () => void;

  constructor(socket: Socket, due: number, late: () => void) {
    this.socket = socket;
    this.due = due;
    this.#late = late;
  }

  expire(): void {
    this.#late();
    this.socket.destroy();
  }
}

export class Newcomers {
  readonly #wheel: Wheel;
  readonly #quotas: Quotas;
  readonly #late: () => void;
  readonly #all = new Set<Newcomer>();
  readonly #perAddress = new Map<string, number>();

  /** `late` is called for each that has proved nothing in its time. */
  constructor(wheel: Wheel, quotas: Quotas, late: () => void) {
    this.#wheel = wheel;
    this.#quotas = quotas;
    this.#late = late;
  }

  get size(): number {
    return this.#all.size;
  }

  /** Undefined when there are too many already. */
  admit(socket: Socket): Newcomer | undefined {
    if (this.#all.size >= this.#quotas.newcomers) return undefined;
    const newcomer = new Newcomer(socket, this.#wheel.now + AUTH_MS, this.#late);
    this.#all.add(newcomer);
    this.#wheel.add(newcomer);
    socket.once('close', () => this.settle(newcomer));
    return newcomer;
  }

  /** Counts it under an address; false when that one has too many. */
  from(newcomer: Newcomer, address: string | undefined): boolean {
    newcomer.address = address;
    const key = limitKey(address);
    if (key === undefined || newcomer.key !== undefined) return true;
    const count = this.#perAddress.get(key) ?? 0;
    if (count >= this.#quotas.newcomersPerAddress) return false;
    newcomer.key = key;
    this.#perAddress.set(key, count + 1);
    return true;
  }

  /** It has proved who it is, or is gone; said twice is the same as once. */
  settle(newcomer: Newcomer): void {
    if (!this.#all.delete(newcomer)) return;
    this.#wheel.delete(newcomer);
    if (newcomer.key === undefined) return;
    const count = (this.#perAddress.get(newcomer.key) ?? 1) - 1;
    if (count === 0) this.#perAddress.delete(newcomer.key);
    else this.#perAddress.set(newcomer.key, count);
  }
}
