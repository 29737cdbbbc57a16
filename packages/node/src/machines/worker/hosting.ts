/** This node as a worker (rules X1, X3): the time of the grants that it gives and of the leases that it is commanded by. */
import type { KernelApi } from '../../kernel/types.ts';
import type { Log } from '../../node-log.ts';
import { endUngranted, registerMachineEffects } from './effects.ts';
import { Lapses } from './lapses.ts';
import { HostedLeases } from './leases.ts';

export class Hosting {
  readonly leases: HostedLeases;
  readonly #kernel: KernelApi;
  readonly #lapses: Lapses;
  readonly #stopped = new AbortController();

  /** Before the kernel starts. */
  constructor(kernel: KernelApi, log: Log) {
    this.#kernel = kernel;
    this.leases = new HostedLeases({ kernel, log });
    this.#lapses = new Lapses(kernel);
    registerMachineEffects(kernel, this.#lapses);
  }

  start(): void {
    this.leases.start();
    void endUngranted(this.#kernel, this.#stopped.signal).catch(() => {});
    this.#lapses.start();
  }

  stop(): void {
    this.#stopped.abort();
    this.leases.stop();
    this.#lapses.stop();
  }
}
