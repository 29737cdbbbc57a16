/** A transfer lane: one blob in chunks, as fast as its reader takes them (rules L8, C2). */
import type { ClientFrame } from '@skein/protocol/channel/frames';
import { SkeinError } from '@skein/protocol/errors';
import { LANE_MAX } from '@skein/protocol/limits';
import type { KernelApi } from '../kernel/types.ts';
import type { Lane, LaneContext } from './lane.ts';

export class BlobLane implements Lane {
  readonly #kernel: KernelApi;
  readonly #hash: string;
  readonly #context: LaneContext;
  readonly #allowed: Promise<void>;
  #offset: number;
  #credit: number;
  #reading = false;
  /** Whether a chunk waits to be sent. */
  #waits = false;
  #closed = false;

  /** `allowed` rejects with what refuses this reader the blob. */
  constructor(
    kernel: KernelApi,
    frame: Extract<ClientFrame, { t: 'fetch' }>,
    context: LaneContext,
    allowed: Promise<void>,
  ) {
    this.#allowed = allowed;
    // Awaited as soon as there is credit; until then a refusal is nobody's fault.
    allowed.catch(() => {});
    this.#kernel = kernel;
    this.#hash = frame.hash;
    this.#offset = frame.from;
    this.#credit = frame.credit;
    this.#context = context;
  }

  start(): void {
    void this.#read();
  }

  credit(bytes: number): void {
    this.#credit = Math.min(LANE_MAX, this.#credit + bytes);
    void this.#read();
  }

  close(): void {
    this.#closed = true;
  }

  readonly #gone = (): void => {
    this.#waits = false;
    void this.#read();
  };

  async #read(): Promise<void> {
    if (this.#reading || this.#waits) return;
    this.#reading = true;
    try {
      await this.#allowed;
      while (this.#credit > 0 && !this.#closed) {
        const bytes = await this.#kernel.readBlob(this.#hash, this.#offset);
        if (bytes.length === 0) return this.#context.end();
        const at = { lane: this.#context.lane, offset: this.#offset, size: bytes.length };
        this.#offset += bytes.length;
        this.#credit -= bytes.length;
        if (!this.#context.send({ t: 'chunk', ...at, bytes }, this.#gone)) {
          this.#waits = true;
          return;
        }
      }
    } catch (error) {
      this.#context.end(SkeinError.from(error));
    } finally {
      this.#reading = false;
    }
  }
}
