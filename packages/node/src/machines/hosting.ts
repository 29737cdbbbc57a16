/** This node as a worker (rules X1, X3): the time of the grants that it gives and of the leases that it is commanded by. */
import type { KernelApi } from '../kernel/types.ts';
import type { Log } from '../node-log.ts';
import { registerMachineEffects } from './effects.ts';
import { Lapses } from './lapses.ts';
import { HostedLeases } from './leases.ts';

export class Hosting {
  readonly leases: HostedLeases;
  readonly #lapses: Lapses;

  /** Before the kernel starts. */
  constructor(kernel: KernelApi, log: Log) {
    this.leases = new HostedLeases({ kernel, log });
    this.#lapses = new Lapses(kernel);
    registerMachineEffects(kernel, this.#lapses);
  }

  start(): void {
    this.leases.start();
    this.#lapses.start();
  }

  stop(): void {
    this.leases.stop();
    this.#lapses.stop();
  }
}
