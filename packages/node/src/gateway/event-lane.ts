/** An events lane: a cursor into the log, read only as far as its reader's credit goes (rules L3, L4, C2). */
import type { ClientFrame, NodeFrame } from '@skein/protocol/channel/frames';
import { SkeinError } from '@skein/protocol/errors';
import { LANE_MAX } from '@skein/protocol/limits';
import type { KernelApi, Page, Subscription } from '../kernel/types.ts';
import type { Lane, LaneContext } from './lane.ts';

export class EventLane implements Lane {
  readonly #kernel: KernelApi;
  readonly #frame: Extract<ClientFrame, { t: 'sub' }>;
  readonly #context: LaneContext;
  readonly #reading: () => Promise<((page: Page) => Page) | undefined>;
  readonly #left: () => void;
  #credit: number;
  #closed = false;
  #wake: (() => void) | undefined;
  #events: Subscription | undefined;

  /** `reading` says how pages are to be given to this reader; undefined for as they are (M2). `left` is called at its end. */
  constructor(
    kernel: KernelApi,
    frame: Extract<ClientFrame, { t: 'sub' }>,
    context: LaneContext,
    reading: () => Promise<((page: Page) => Page) | undefined>,
    left: () => void = () => {},
  ) {
    this.#left = left;
    this.#reading = reading;
    this.#kernel = kernel;
    this.#frame = frame;
    this.#context = context;
    this.#credit = frame.credit;
  }

  start(): void {
    this.#run().then(
      () => this.#end(),
      (error) => this.#end(SkeinError.from(error)),
    );
  }

  #end(error?: SkeinError): void {
    this.#left();
    this.#context.end(error);
  }

  credit(bytes: number): void {
    this.#credit = Math.min(LANE_MAX, this.#credit + bytes);
    this.#wake?.();
  }

  close(): void {
    this.#left();
    this.#closed = true;
    this.#events?.close();
    this.#wake?.();
  }

  async #run(): Promise<void> {
    const { stream, from, follow } = this.#frame;
    const { lane } = this.#context;
    const given = await this.#reading();
    const events = await this.#kernel.subscribe({
      stream,
      from: { epoch: from.epoch ?? 0, offset: from.offset },
      follow,
    });
    this.#events = events;
    if (this.#closed) return events.close();
    try {
      for (;;) {
        while (this.#credit <= 0 && !this.#closed) await this.#credited();
        if (this.#closed) return;
        const stored = await events.next();
        if (stored === null || this.#closed) return;
        const page = given === undefined ? stored : given(stored);
        this.#credit -= page.data.length;
        const head = this.#kernel.head(stream)?.head ?? page.first + page.count - 1;
        await this.#sent({
          t: 'page',
          lane,
          epoch: page.epoch,
          first: page.first,
          count: page.count,
          head,
          data: page.data,
        });
      }
    } finally {
      events.close();
    }
  }

  /** Resolves when the frame has gone; never, when the lane is closed before. */
  #sent(frame: NodeFrame): Promise<void> {
    return new Promise((resolve) => {
      if (this.#context.send(frame, resolve)) resolve();
    });
  }

  #credited(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }
}
