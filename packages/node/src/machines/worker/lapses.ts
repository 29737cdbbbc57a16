/** The time of grants: one that is over is recorded as such, which ends what it admitted (rule X1). */
import { NODE_ITSELF } from '@skein/protocol/members/who';
import type { PeersState } from '@skein/protocol/peers/state';
import type { KernelApi } from '../../kernel/types.ts';

/** Milliseconds until the next look at the latest: the clock of the day may be set. */
const LOOK_MS = 60_000;
/** Milliseconds until an end that could not be recorded is tried again. */
const AGAIN_MS = 1_000;

export class Lapses {
  readonly #kernel: KernelApi;
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(kernel: KernelApi) {
    this.#kernel = kernel;
  }

  start(): void {
    void this.look();
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  /** Once more whenever a grant was given. */
  async look(): Promise<void> {
    if (this.#stopped || this.#kernel.head('peers') === undefined) return;
    const next = await this.#lapse().catch(() => LOOK_MS);
    if (this.#stopped || next === undefined) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.look(), Math.min(next, LOOK_MS)).unref();
  }

  /** Ends those whose time is over; milliseconds until the next, undefined for none. */
  async #lapse(): Promise<number | undefined> {
    const { state } = await this.#kernel.state<PeersState>('peers');
    let next: number | undefined;
    for (const { grant, expires } of Object.values(state.grants)) {
      if (expires === null) continue;
      const left = expires - Date.now();
      if (left > 0) next = Math.min(next ?? left, left);
      else if (!(await this.#ended(grant))) next = Math.min(next ?? AGAIN_MS, AGAIN_MS);
    }
    return next;
  }

  async #ended(grant: string): Promise<boolean> {
    const command = { target: 'peers', type: 'grant.lapse', body: { grant } };
    return (await this.#kernel.submit(NODE_ITSELF, command)).ok;
  }
}
