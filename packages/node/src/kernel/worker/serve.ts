/** A worker's side of the link: one request at a time, in order. */
import type { MessagePort } from 'node:worker_threads';
import { DISK_ADVICE, SkeinError } from '@skein/protocol/errors';
import { offHeap } from '../../off-heap.ts';
import { diskAnswers } from '../log/disk-answers.ts';
import { isCorruption } from '../log/schema.ts';
import type { Ops, Request } from './link.ts';

export type Handlers<O extends Ops<O>> = { [K in keyof O]: (args: O[K]['args']) => O[K]['result'] };

/** Answers requests about the log in `dir` until the worker ends. Bytes of a result are moved, not copied. */
export function serve<O extends Ops<O>>(port: MessagePort, handlers: Handlers<O>, dir: string): void {
  port.on('message', ({ id, op, args }: Request) => {
    try {
      const result: unknown = handlers[op as keyof O](args as O[keyof O]['args']);
      port.postMessage({ id, result }, movable(result));
    } catch (error) {
      port.postMessage({ id, error: storageError(error, dir).toBody() });
    }
    offHeap.look();
  });
}

function movable(result: unknown): ArrayBuffer[] {
  const bytes = result instanceof Uint8Array ? result : largest(result);
  // Not a part of something larger, which others may use.
  const own = bytes?.buffer instanceof ArrayBuffer && bytes.length === bytes.buffer.byteLength;
  return own && bytes.length > 0 ? [bytes.buffer] : [];
}

/** The bytes that a result carries, of a page, of cells or of a snapshot. */
function largest(result: unknown): Uint8Array | undefined {
  const { data, state } = (result ?? {}) as { data?: unknown; state?: unknown };
  return [data, state].find((bytes) => bytes instanceof Uint8Array);
}

/** What a worker's failure means to the kernel: a broken log, or storage that cannot be had now. */
export function storageError(error: unknown, dir: string): SkeinError {
  if (error instanceof SkeinError) return error;
  const message = error instanceof Error ? error.message : String(error);
  if (isCorruption(error) && !diskAnswers(dir))
    return unavailable('the disk does not give it back (EIO)', DISK_ADVICE.EIO);
  if (isCorruption(error) || (error instanceof Error && error.name === 'ChainBroken'))
    return new SkeinError('log_damaged', `The log is damaged: ${message}`);
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (code === 'EIO' || code.startsWith('SQLITE_IOERR')) return unavailable(message, DISK_ADVICE.EIO);
  if (code === 'EROFS' || code.startsWith('SQLITE_READONLY')) return unavailable(message, DISK_ADVICE.EROFS);
  return unavailable(message);
}

function unavailable(why: string, advice?: string): SkeinError {
  const message = `The log cannot be written or read now: ${why}`;
  return new SkeinError('storage_unavailable', message, advice === undefined ? undefined : { advice });
}
