/** The main thread's side of a worker: requests and answers, typed by a table of operations. */
import { Worker } from 'node:worker_threads';
import { type ErrorBody, SkeinError } from '@skein/protocol/errors';
import { offHeap } from '../../off-heap.ts';
import { workerPath } from './worker-path.ts';

export type Ops<O> = { [K in keyof O]: { args: unknown; result: unknown } };

export interface Request {
  id: number;
  op: string;
  args: unknown;
}

type Answer = { id: number; result: unknown } | { id: number; error: ErrorBody };

export interface WorkerInit {
  role: 'writer' | 'reader';
  dir: string;
}

interface Waiting {
  resolve(value: unknown): void;
  reject(error: unknown): void;
}

export class WorkerLink<O extends Ops<O>> {
  readonly #init: WorkerInit;
  #worker: Worker | undefined;
  readonly #waiting = new Map<number, Waiting>();
  #next = 1;
  #held: SkeinError | undefined;
  /** Why there is no worker, while there is none. */
  #gone: SkeinError | undefined;
  #stopped = false;
  /** Called when the worker ended and nobody had asked for that. */
  lost: () => void = () => {};

  constructor(init: WorkerInit) {
    this.#init = init;
    this.restart();
  }

  get dead(): boolean {
    return this.#gone !== undefined;
  }

  /** A new worker in the place of one that died, whose requests have been rejected. If none can be had, it stays dead and calls say why. */
  restart(): void {
    if (this.#stopped) return;
    try {
      this.#worker = this.#begin();
      this.#gone = undefined;
    } catch (error) {
      const { message } = SkeinError.from(error);
      const what = `The log's ${this.#init.role} cannot be started: ${message}`;
      this.#gone = new SkeinError('storage_unavailable', what);
    }
  }

  #begin(): Worker {
    const worker = new Worker(workerPath(), { workerData: this.#init });
    const failed = (message: string) => {
      if (worker === this.#worker) this.#fail(message);
    };
    worker.on('message', (answer: Answer) => this.#answered(answer));
    worker.on('error', (error) => failed(`The log's ${this.#init.role} failed: ${error.message}`));
    worker.on('exit', () => failed(`The log's ${this.#init.role} is stopped.`));
    return worker;
  }

  /** From now on only `urgent` reaches the worker; other calls are refused until `release`. */
  hold(error: SkeinError): void {
    this.#held = error;
  }

  release(): void {
    this.#held = undefined;
  }

  /** Resolves with the worker's result; rejects with its SkeinError, or storage_unavailable if the worker is gone. */
  call<K extends keyof O & string>(
    op: K,
    args: O[K]['args'],
    transfer: ArrayBuffer[] = [],
  ): Promise<O[K]['result']> {
    return this.#held ? Promise.reject(this.#held) : this.urgent(op, args, transfer);
  }

  urgent<K extends keyof O & string>(
    op: K,
    args: O[K]['args'],
    transfer: ArrayBuffer[] = [],
  ): Promise<O[K]['result']> {
    const worker = this.#worker;
    if (this.#gone || !worker) return Promise.reject(this.#gone ?? gone(this.#init.role));
    const request: Request = { id: this.#next++, op, args };
    return new Promise((resolve, reject) => {
      this.#waiting.set(request.id, { resolve, reject });
      worker.postMessage(request, transfer);
    });
  }

  /** For fault tests: the worker ends as if it had crashed. */
  async kill(): Promise<void> {
    await this.#worker?.terminate();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#worker?.terminate();
  }

  #answered(answer: Answer): void {
    // Nearly all that a node works on passes here, on its way from the log or to it.
    offHeap.look();
    const waiting = this.#waiting.get(answer.id);
    this.#waiting.delete(answer.id);
    if ('error' in answer) waiting?.reject(SkeinError.fromBody(answer.error));
    else waiting?.resolve(answer.result);
  }

  #fail(message: string): void {
    if (this.#gone) return;
    this.#gone = gone(this.#init.role);
    const error = new SkeinError('storage_unavailable', message);
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    if (!this.#stopped) this.lost();
    for (const one of waiting) one.reject(error);
  }
}

function gone(role: string): SkeinError {
  return new SkeinError(
    'storage_unavailable',
    `The log's ${role} has stopped and is being started; try again.`,
  );
}
