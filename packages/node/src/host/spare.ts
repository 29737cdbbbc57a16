/** A descriptor kept back while a program is started (rule H4): which process it is must be asked of the system afterwards. */
import fs from 'node:fs';
import { SkeinError } from '@skein/protocol/errors';
import { isCode } from '../platform/files.ts';
import { NONE_LEFT, startTime } from '../platform/process.ts';

/** Does it with one descriptor kept back, which is there again when it is done. Throws `host_unavailable` where they do not suffice. */
export function withSpare<T>(start: () => T): T {
  let spare: number | undefined;
  try {
    spare = fs.openSync('/dev/null', 'r');
    return start();
  } catch (error) {
    if (!isCode(error, ...NONE_LEFT)) throw error;
    const message = `This host cannot open what another program needs: ${(error as Error).message}.`;
    throw new SkeinError('host_unavailable', message);
  } finally {
    if (spare !== undefined) fs.closeSync(spare);
  }
}

/** When a program started; empty where that is not known, and never throws: the program is there. */
export function startOf(pid: number): string {
  try {
    return startTime(pid) ?? '';
  } catch {
    return '';
  }
}
