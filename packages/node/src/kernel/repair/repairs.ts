/** Notices that the log is damaged or that one of its workers has died, and mends it while the kernel goes on (L6). */
import { SkeinError } from '@skein/protocol/errors';
import type { Opened, ReaderOps, WriterOps } from '../wire.ts';
import type { WorkerLink } from '../worker/link.ts';

/** Milliseconds until the next attempt, at first and at most: storage may be away for long. */
const FIRST_PAUSE_MS = 100;
const LAST_PAUSE_MS = 5_000;

interface RepairsOptions {
  reader: WorkerLink<ReaderOps>;
  writer: WorkerLink<WriterOps>;
  now(): number;
  /** What the log holds now; everything known before is void. */
  repaired(opened: Opened): void;
  log(level: 'error' | 'warn', message: string, data: Record<string, unknown>): void;
}

export class Repairs {
  readonly #options: RepairsOptions;
  #running: Promise<void> | undefined;
  #closed = false;
  #wake: () => void = () => {};

  constructor(options: RepairsOptions) {
    this.#options = options;
  }

  /** From now on a worker that dies is started again. Before, its death is the opener's business. */
  watch(): void {
    const { reader, writer, log } = this.#options;
    for (const link of [reader, writer]) {
      link.lost = () => {
        if (this.#closed) return;
        log('error', 'A worker of the log has died.', { writer: link === writer });
        this.#begin(undefined);
      };
    }
  }

  /** Resolves when no repair is under way. */
  async settled(): Promise<void> {
    // One repair may be followed by the next at once: both workers can die.
    while (this.#running !== undefined) await this.#running;
  }

  /** Waits for a repair under way, and says whether there was one. */
  async mended(): Promise<boolean> {
    const running = this.#running !== undefined;
    await this.settled();
    return running && !this.#closed;
  }

  /** No further attempts. */
  close(): void {
    this.#closed = true;
    this.#wake();
  }

  /** Passes on a worker's answer; if it says that the log is damaged, the repair begins. */
  async watched<T>(answer: Promise<T>): Promise<T> {
    try {
      return await answer;
    } catch (error) {
      if (error instanceof SkeinError && error.code === 'log_damaged') this.#begin(error.message);
      throw error;
    }
  }

  #begin(reason: string | undefined): void {
    const { reader, writer } = this.#options;
    this.#running ??= this.#run(reason).finally(() => {
      this.#running = undefined;
      if ((reader.dead || writer.dead) && !this.#closed) this.#begin(undefined);
    });
  }

  /**
   * Meanwhile nothing else reaches the workers: a commit decided on what was known before would otherwise be stored
   * behind the back of what is known afterwards.
   */
  async #run(reason: string | undefined): Promise<void> {
    const { reader, writer, log } = this.#options;
    const error = new SkeinError('storage_unavailable', 'The log is being repaired; try again.');
    for (const link of [reader, writer]) link.hold(error);
    let mending: 'repair' | 'open' | undefined = reason === undefined ? undefined : 'repair';
    for (let pause = FIRST_PAUSE_MS; !this.#closed; pause = Math.min(pause * 2, LAST_PAUSE_MS)) {
      try {
        if (reader.dead) reader.restart();
        if (writer.dead) {
          writer.restart();
          mending = 'open';
        }
        const opened = await this.#mend(mending, reason ?? '');
        // In one go: nothing may be sent between the two.
        for (const link of [reader, writer]) link.release();
        if (opened) this.#options.repaired(opened);
        return;
      } catch (failure) {
        log('error', 'The log could not be repaired.', { error: SkeinError.from(failure).message });
        // After a repair that failed half-way the writer has nothing open; opening repairs what is still damaged.
        if (mending === 'repair') mending = 'open';
        await this.#pause(pause);
      }
    }
  }

  async #mend(mending: 'repair' | 'open' | undefined, reason: string): Promise<Opened | undefined> {
    const { reader, writer, now } = this.#options;
    let opened: Opened | undefined;
    await reader.urgent('close', null);
    const time = now();
    if (mending === 'repair') opened = await writer.urgent('repair', { now: time, reason });
    if (mending === 'open') opened = await writer.urgent('open', { now: time });
    await reader.urgent('open', null);
    return opened;
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
