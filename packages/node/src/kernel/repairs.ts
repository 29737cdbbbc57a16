/** Notices from the workers' answers that the log is damaged, and repairs it while the kernel goes on (L6). */
import { SkeinError } from '@skein/protocol/errors';
import type { WorkerLink } from './link.ts';
import type { Opened, ReaderOps, WriterOps } from './wire.ts';

export interface RepairsOptions {
  reader: WorkerLink<ReaderOps>;
  writer: WorkerLink<WriterOps>;
  now(): number;
  /** What the log holds now; everything known before is void. */
  repaired(opened: Opened): void;
  log(level: 'error', message: string, data: Record<string, unknown>): void;
}

export class Repairs {
  readonly #options: RepairsOptions;
  #running: Promise<void> | undefined;

  constructor(options: RepairsOptions) {
    this.#options = options;
  }

  /** Resolves when no repair is under way. */
  async settled(): Promise<void> {
    await this.#running;
  }

  /** Passes on a worker's answer; if it says that the log is damaged, the repair begins. */
  async watched<T>(answer: Promise<T>): Promise<T> {
    try {
      return await answer;
    } catch (error) {
      if (error instanceof SkeinError && error.code === 'log_damaged')
        this.#running ??= this.#run(error.message);
      throw error;
    }
  }

  async #run(reason: string): Promise<void> {
    const { reader, writer, now, repaired, log } = this.#options;
    try {
      await reader.call('close', null);
      const opened = await writer.call('repair', { now: now(), reason });
      await reader.call('open', null);
      repaired(opened);
    } catch (error) {
      log('error', 'The log could not be repaired.', { error: SkeinError.from(error).message });
    } finally {
      this.#running = undefined;
    }
  }
}
