/** A worker's side of the link: one request at a time, in order. */
import type { MessagePort } from 'node:worker_threads';
import { SkeinError } from '@skein/protocol/errors';
import { isCorruption } from '../log/schema.ts';
import type { Ops, Request } from './link.ts';

export type Handlers<O extends Ops<O>> = { [K in keyof O]: (args: O[K]['args']) => O[K]['result'] };

/** Answers requests until the worker ends. Bytes of a result are moved, not copied. */
export function serve<O extends Ops<O>>(port: MessagePort, handlers: Handlers<O>): void {
  port.on('message', ({ id, op, args }: Request) => {
    try {
      const result: unknown = handlers[op as keyof O](args as O[keyof O]['args']);
      port.postMessage({ id, result }, movable(result));
    } catch (error) {
      port.postMessage({ id, error: storageError(error).toBody() });
    }
  });
}

function movable(result: unknown): ArrayBuffer[] {
  if (typeof result !== 'object' || result === null || !('data' in result)) return [];
  const { data } = result;
  return data instanceof Uint8Array && data.buffer instanceof ArrayBuffer && data.length > 0
    ? [data.buffer]
    : [];
}

/** What a worker's failure means to the kernel: a broken log, or storage that cannot be had now. */
export function storageError(error: unknown): SkeinError {
  if (error instanceof SkeinError) return error;
  const message = error instanceof Error ? error.message : String(error);
  if (isCorruption(error) || (error instanceof Error && error.name === 'ChainBroken')) {
    return new SkeinError('log_damaged', `The log is damaged: ${message}`);
  }
  return new SkeinError('storage_unavailable', `The log cannot be written or read now: ${message}`);
}
