/** The entry of the log's worker threads: one that writes, one that reads. */
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { Resting } from '../../resting.ts';
import type { Ops, WorkerInit } from './link.ts';
import { readerHandlers } from './reader.ts';
import { type Handlers, serve } from './serve.ts';
import { writerHandlers } from './writer.ts';

const { role, dir } = workerData as WorkerInit;
if (parentPort) {
  const rest =
    role === 'writer' ? serving(parentPort, writerHandlers(dir)) : serving(parentPort, readerHandlers(dir));
  new Resting({ also: rest }).start();
}

/** Serves, and returns what to do at rest. */
function serving<O extends Ops<O>>(
  port: MessagePort,
  handlers: Handlers<O> & { rest(args: null): null },
): () => void {
  serve<O>(port, handlers, dir);
  return () => void handlers.rest(null);
}
