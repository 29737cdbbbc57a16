/**
 * The host's handle on its emulator worker: one thread that keeps the screens of all runs, off the path of the bytes (H5).
 * The thread starts when the first run opens and ends when none is open.
 */

import type { Worker } from 'node:worker_threads';
import { SkeinError } from '@skein/protocol/errors';
import type { FromWorker, SnapshotKind, ToWorker } from './emulator-messages.ts';
import type { EmulatorEvents, EmulatorOptions, OpenRun, TakenSnapshot } from './emulator-options.ts';
import { startThread } from './thread.ts';
import { Watch } from './watch.ts';

interface Opened {
  /** By which the watch knows it. */
  number: number;
  /** The promise that `open` gave, until the worker answered. */
  waiting: Waiting<{ offset: number; restored: boolean }> | undefined;
}

interface Waiting<T> {
  run: string;
  resolve(value: T): void;
  reject(error: SkeinError): void;
}

type Reply = Extract<FromWorker, { type: 'snapshot' | 'idle' }>;

export class Emulator {
  readonly #events: EmulatorEvents;
  readonly #source: string | undefined;
  readonly #lookEvery: number | undefined;
  #worker: Worker | undefined;
  #watch: Watch | undefined;
  #nextId = 1;
  readonly #runs = new Map<string, Opened>();
  readonly #replies = new Map<number, Waiting<Reply>>();
  /** Runs that are being put to disk. */
  readonly #idling = new Set<string>();

  constructor(options: EmulatorOptions) {
    this.#events = options.events;
    this.#source = options.source;
    this.#lookEvery = options.lookEvery;
  }

  /**
   * Begins to follow a run. Resolves with where reading began; other calls need not wait for it. Throws where no thread can
   * be had, and the run is not open then.
   */
  open(options: OpenRun): Promise<{ offset: number; restored: boolean }> {
    if (this.#runs.has(options.run)) {
      return Promise.reject(
        new SkeinError('internal', `Run ${options.run} is open in the emulator already.`),
      );
    }
    this.#worker ??= this.#start();
    return new Promise((resolve, reject) => {
      const number = this.#nextId++;
      this.#runs.set(options.run, { number, waiting: { run: options.run, resolve, reject } });
      this.#send({ type: 'open', number, ...options });
    });
  }

  /** Bytes before `to` are in the journal. */
  advance(run: string, to: number): void {
    this.#send({ type: 'advance', run, to });
  }

  /** Bytes that the journal does not have. `data` is copied. */
  bytes(run: string, offset: number, data: Uint8Array): void {
    const copy = new Uint8Array(data);
    this.#send({ type: 'bytes', run, offset, data: copy }, [copy.buffer]);
  }

  /** The program's size from byte `at` on; `veiled` as in Screen. Send it before advancing past `at`. */
  resize(run: string, at: number, cols: number, rows: number, veiled = false): void {
    this.#send({ type: 'resize', run, at, cols, rows, veiled });
  }

  /** The screen after everything advanced so far. `history` is how many scrollback lines `ansi` and `text` begin with. */
  async snapshot(run: string, kind: SnapshotKind, history = 0): Promise<TakenSnapshot> {
    const reply = await this.#ask(run, (id) => ({ type: 'snapshot', run, id, kind, history }));
    if (reply.type !== 'snapshot') throw new SkeinError('internal', 'The emulator answered something else.');
    const { offset, cols, rows, modes, data } = reply;
    return { offset, cols, rows, modes, data };
  }

  /** Adds a rendered viewer, or changes its size; the next frame repaints all of it. One frame of credit is granted. */
  viewer(run: string, viewer: string, cols: number, rows: number): void {
    this.#send({ type: 'viewer', run, viewer, cols, rows });
  }

  removeViewer(run: string, viewer: string): void {
    this.#send({ type: 'viewerGone', run, viewer });
  }

  /** The viewer took its last frame; it may have another. */
  frameConsumed(run: string, viewer: string): void {
    this.#send({ type: 'frameConsumed', run, viewer });
  }

  /** Consumes what was advanced, stores the state at `statePath` (0600, atomically), closes the run. Resolves with its offset. */
  async idle(run: string, statePath: string): Promise<number> {
    const asked = this.#ask(run, (id) => ({ type: 'idle', run, id, statePath }));
    // What is asked of it behind this would find it gone.
    this.#idling.add(run);
    try {
      const { offset } = await asked;
      this.#forget(run);
      return offset;
    } finally {
      this.#idling.delete(run);
    }
  }

  /** Forgets a run. */
  close(run: string): void {
    if (!this.#runs.has(run)) return;
    this.#send({ type: 'close', run });
    this.#refuse([run], new SkeinError('gone', `Run ${run} was closed.`));
    this.#forget(run);
  }

  /** Ends the worker, and refuses what is still waiting. */
  async stop(): Promise<void> {
    const worker = this.#release();
    this.#refuse([...this.#runs.keys()], new SkeinError('gone', 'The emulator was stopped.'));
    this.#runs.clear();
    await worker?.terminate();
  }

  /** Whether the worker thread is alive; for tests and diagnostics. */
  get running(): boolean {
    return this.#worker !== undefined;
  }

  #start(): Worker {
    const watch = new Watch((number) => {
      this.#lost(worker, "it made no end of a run's output", this.#numbered(number));
      void worker.terminate();
    }, this.#lookEvery);
    const worker = startThread(watch.buffer, this.#source);
    this.#watch = watch;
    worker.on('message', (message: FromWorker) => {
      if (worker === this.#worker) this.#receive(message);
    });
    worker.on('error', (error: NodeJS.ErrnoException) => {
      const full = error.code === 'ERR_WORKER_OUT_OF_MEMORY';
      this.#lost(worker, error.message, full ? this.#numbered(watch.run) : undefined);
    });
    worker.on('exit', (code) => this.#lost(worker, `it exited with ${code}`));
    // The host lives as long as its programs do, not as long as this thread.
    worker.unref();
    return worker;
  }

  #send(message: ToWorker, transfer: ArrayBuffer[] = []): void {
    if (this.#worker === undefined) return;
    this.#worker.postMessage(message, transfer);
    this.#watch?.sent();
  }

  #ask(run: string, message: (id: number) => ToWorker): Promise<Reply> {
    if (!this.#runs.has(run) || this.#idling.has(run)) {
      return Promise.reject(new SkeinError('not_found', `Run ${run} is not open in the emulator.`));
    }
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      this.#replies.set(id, { run, resolve, reject });
      this.#send(message(id));
    });
  }

  #receive(message: FromWorker): void {
    if (message.type === 'snapshot' || message.type === 'idle') {
      this.#replies.get(message.id)?.resolve(message);
      this.#replies.delete(message.id);
      return;
    }
    // A message that was under way when its run was closed.
    if (!this.#runs.has(message.run)) return;
    switch (message.type) {
      case 'opened': {
        const opened = this.#runs.get(message.run);
        opened?.waiting?.resolve({ offset: message.offset, restored: message.restored });
        if (opened !== undefined) opened.waiting = undefined;
        break;
      }
      case 'answers':
        this.#events.answers?.(message.run, message.answers);
        break;
      case 'frame':
        this.#events.frame?.(message.run, message.viewer, message.data, message.offset);
        break;
      case 'progress':
        this.#events.progress?.(message.run, message.offset);
        break;
      case 'gap':
        this.#events.gap?.(message.run, message.from, message.to);
        break;
      case 'failed':
        this.#failed(message);
        break;
    }
  }

  /** With an id one request failed, without one its run. */
  #failed(message: Extract<FromWorker, { type: 'failed' }>): void {
    const error =
      message.code === undefined
        ? new SkeinError('internal', `The emulator failed on run ${message.run}: ${message.message}.`)
        : new SkeinError(message.code, message.message);
    if (message.id !== undefined) {
      this.#replies.get(message.id)?.reject(error);
      this.#replies.delete(message.id);
      return;
    }
    this.#refuse([message.run], error);
    this.#forget(message.run);
    this.#events.lost?.([message.run], error);
  }

  #lost(worker: Worker, why: string, culprit?: string): void {
    if (worker !== this.#worker) return;
    this.#release();
    const runs = [...this.#runs.keys()];
    const error = new SkeinError('internal', `The emulator's thread failed: ${why}.`);
    this.#refuse(runs, error);
    this.#runs.clear();
    this.#events.lost?.(runs, error, culprit);
  }

  #numbered(number: number): string | undefined {
    for (const [run, opened] of this.#runs) if (opened.number === number) return run;
    return undefined;
  }

  /** The thread is this one's no more. */
  #release(): Worker | undefined {
    const worker = this.#worker;
    this.#worker = undefined;
    this.#watch?.stop();
    return worker;
  }

  #refuse(runs: string[], error: SkeinError): void {
    for (const run of runs) this.#runs.get(run)?.waiting?.reject(error);
    for (const [id, waiting] of this.#replies) {
      if (!runs.includes(waiting.run)) continue;
      this.#replies.delete(id);
      waiting.reject(error);
    }
  }

  /** With its last run the thread goes too, and takes its memory along. */
  #forget(run: string): void {
    this.#runs.delete(run);
    if (this.#runs.size > 0) return;
    const worker = this.#release();
    // Nothing is waited for that nobody will answer.
    this.#refuse(
      [...this.#replies.values()].map((waiting) => waiting.run),
      new SkeinError('gone', 'The emulator has ended.'),
    );
    void worker?.terminate();
  }
}
