/** What a node does about damage to its log (rules L6, H4): tells its owner, and brings the log and the hosts together again. */
import { SkeinError } from '@skein/protocol/errors';
import { NODE_ITSELF } from '@skein/protocol/members/who';
import type { Kernel } from './kernel/kernel.ts';
import type { DamageReport } from './kernel/options.ts';
import { agreeAll } from './members/agreement.ts';
import type { Log } from './node-log.ts';

/** Times that damage may turn up in one piece of work: each is in another stream or further back. */
const REPAIRS = 20;

/** Milliseconds until what could not be brought together is tried again: descriptors, or a disk with no room, come back. */
const AGAIN_MS = 5_000;

export class Mending {
  readonly #kernel: Kernel;
  readonly #log: Log;
  readonly #reconcile: () => Promise<void>;
  #again: NodeJS.Timeout | undefined;
  #stopped = false;

  /** `reconcile` brings the log and the hosts together; it may be done twice. */
  constructor(kernel: Kernel, log: Log, reconcile: () => Promise<void>) {
    this.#kernel = kernel;
    this.#log = log;
    this.#reconcile = reconcile;
  }

  /** What was found before there was an actor to tell. */
  async begin(reports: readonly DamageReport[]): Promise<void> {
    for (const report of reports) await this.#tell(report);
    if (reports.length > 0) await agreeAll(this.#kernel);
  }

  /** What is found while the node runs: told, and what was lost of sessions that hosts still hold is made good. */
  async found(report: DamageReport): Promise<void> {
    try {
      await this.#kernel.repaired();
      await this.#tell(report);
      await agreeAll(this.#kernel);
    } catch (error) {
      this.#log('error', 'Damage could not be recorded.', { error: SkeinError.from(error).message });
    }
    await this.together();
  }

  /** The log and the hosts are brought together again while the node runs; where that fails, until it does not. */
  async together(): Promise<void> {
    clearTimeout(this.#again);
    try {
      await this.through(this.#reconcile);
    } catch (error) {
      if (this.#stopped) return;
      const { message } = SkeinError.from(error);
      this.#log('error', 'Sessions and hosts could not be brought together.', { error: message });
      clearTimeout(this.#again);
      this.#again = setTimeout(() => void this.together(), AGAIN_MS).unref();
    }
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#again);
  }

  /** Does work that reads the log, again after each repair of what it comes upon. The work must bear being done twice. */
  async through(work: () => Promise<void>): Promise<void> {
    for (let left = REPAIRS; ; left--) {
      try {
        return await work();
      } catch (thrown) {
        const { code } = SkeinError.from(thrown);
        if (left === 0 || (code !== 'log_damaged' && code !== 'storage_unavailable')) throw thrown;
        await this.#kernel.repaired();
      }
    }
  }

  /** Puts damage into the node's own stream, where its owner finds it. */
  async #tell({ streams }: DamageReport): Promise<void> {
    for (const { stream, oldEpoch, kept, lost } of streams) {
      const body = { stream, oldEpoch, kept, lost };
      await this.#kernel.submit(NODE_ITSELF, { target: 'node', type: 'log.report', body });
    }
  }
}
