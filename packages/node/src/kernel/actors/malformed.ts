/** The refusals of commands that no actor ever sees. */
import { SkeinError } from '@skein/protocol/errors';
import type { Command } from '../types.ts';

export function stopping(): SkeinError {
  return new SkeinError('storage_unavailable', 'The node is stopping; try again when it runs.');
}

/** What is wrong with the name of a blob, if anything. */
export function malformedBlob(hash: string): string | undefined {
  return /^[0-9a-f]{64}$/.test(hash) ? undefined : 'The name of a blob is 64 hexadecimal digits.';
}

/** What is wrong with a command's shape, if anything. */
export function malformed({ id, target, type }: Command): string | undefined {
  if (typeof id?.client !== 'string' || id.client === '') return 'A request needs the name of its client.';
  if (!Number.isSafeInteger(id.seq) || id.seq < 1) return 'A request needs a whole number from 1 on.';
  if (typeof target !== 'string' || typeof type !== 'string') return 'A request needs a target and a type.';
  return undefined;
}
