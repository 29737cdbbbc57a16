/**
 * All of stdin, read while the rest of the program goes on: whoever types, or a slow pipe, may take longer than a node waits
 * for a client that answers nothing (rule C4). What has no end, or none soon enough, is refused before it fills the memory.
 */
import { SkeinError } from '@skein/protocol/errors';
import { isTerminal } from '../output/is-terminal.ts';
import { writeAll } from '../output/write.ts';

/** Throws `too_large` past so many bytes, and `bad_request` where stdin cannot be read. */
export async function readStdin(most: number): Promise<Buffer> {
  // Else whoever did not think of their terminal as stdin would wait for something to happen.
  if (isTerminal(0)) writeAll(2, 'Type or paste it; Ctrl-D on a line of its own ends it:\n');
  const parts: Buffer[] = [];
  let size = 0;
  try {
    for await (const part of process.stdin as AsyncIterable<Buffer>) {
      size += part.length;
      if (size > most) break;
      parts.push(part);
    }
  } catch (error) {
    throw new SkeinError('bad_request', `Stdin cannot be read: ${(error as Error).message}.`);
  }
  if (size <= most) return Buffer.concat(parts);
  throw new SkeinError('too_large', `More than ${most} bytes came on stdin.`, { most });
}
