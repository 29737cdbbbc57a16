/** The directory that a command is given in. */
import { SkeinError } from '@skein/protocol/errors';

/** Throws `bad_cwd` where it has been removed. */
export function here(): string {
  try {
    return process.cwd();
  } catch {
    throw new SkeinError('bad_cwd', 'The directory you are in has been removed.', {
      advice: 'Go to one that is there, or name it where a command takes it: --cwd DIR',
    });
  }
}
