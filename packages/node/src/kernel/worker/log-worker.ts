/** The entry of the log's worker threads: one that writes, one that reads. */
import { parentPort, workerData } from 'node:worker_threads';
import type { ReaderOps, WriterOps } from '../wire.ts';
import type { WorkerInit } from './link.ts';
import { readerHandlers } from './reader.ts';
import { serve } from './serve.ts';
import { writerHandlers } from './writer.ts';

const { role, dir } = workerData as WorkerInit;
if (parentPort) {
  if (role === 'writer') serve<WriterOps>(parentPort, writerHandlers(dir));
  else serve<ReaderOps>(parentPort, readerHandlers(dir));
}
