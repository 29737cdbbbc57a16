/** The main thread's side of a worker: requests and answers, typed by a table of operations. */
import { Worker } from 'node:worker_threads';
import { type ErrorBody, SkeinError } from '@skein/protocol/errors';
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
  readonly #worker: Worker;
  readonly #waiting = new Map<number, Waiting>();
  #next = 1;
  #dead: SkeinError | undefined;

  constructor(init: WorkerInit) {
    this.#worker = new Worker(workerPath(), { workerData: init });
    this.#worker.on('message', (answer: Answer) => this.#answered(answer));
    this.#worker.on('error', (error) => this.#fail(`The log's ${init.role} failed: ${error.message}`));
    this.#worker.on('exit', () => this.#fail(`The log's ${init.role} is stopped.`));
  }

  /** Resolves with the worker's result; rejects with its SkeinError, or storage_unavailable if the worker is gone. */
  call<K extends keyof O & string>(
    op: K,
    args: O[K]['args'],
    transfer: ArrayBuffer[] = [],
  ): Promise<O[K]['result']> {
    if (this.#dead) return Promise.reject(this.#dead);
    const request: Request = { id: this.#next++, op, args };
    return new Promise((resolve, reject) => {
      this.#waiting.set(request.id, { resolve, reject });
      this.#worker.postMessage(request, transfer);
    });
  }

  async stop(): Promise<void> {
    await this.#worker.terminate();
  }

  #answered(answer: Answer): void {
    const waiting = this.#waiting.get(answer.id);
    this.#waiting.delete(answer.id);
    if ('error' in answer) waiting?.reject(SkeinError.fromBody(answer.error));
    else waiting?.resolve(answer.result);
  }

  #fail(message: string): void {
    this.#dead ??= new SkeinError('storage_unavailable', message);
    for (const waiting of this.#waiting.values()) waiting.reject(this.#dead);
    this.#waiting.clear();
  }
}
