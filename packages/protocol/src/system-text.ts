/** Text that is handed to the system, as a word of a command or a path: it ends there at the first NUL. */
import * as z from 'zod';

/** Characters that a word of a program's command line may have. */
const MAX_WORD = 128 * 1024;
/** As the system limits paths. */
const MAX_PATH = 4_096;

/** `most`: characters. */
export const systemText = (most: number) =>
  z
    .string()
    .max(most)
    .refine((s) => !s.includes('\0'), 'must not contain NUL');

export const word = systemText(MAX_WORD);
export const directory = systemText(MAX_PATH).min(1);
