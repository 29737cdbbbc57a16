/**
 * Suites that need something the machine may lack: skipped then, with the reason in the title, where the summary of
 * `npm test` finds it.
 *
 * `needs('vim')('vim in a session', () => { … })`, `needs(linux, 'strace')(…)`.
 */
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { describe } from 'vitest';

/** Something that a suite cannot run without; `missing` says why it is not there. */
export interface Need {
  missing: string | undefined;
}

export const linux: Need = { missing: process.platform === 'linux' ? undefined : 'needs Linux' };

/** Any other condition, told as the reason when it does not hold. */
export function condition(holds: boolean, missing: string): Need {
  return { missing: holds ? undefined : missing };
}

/** The absolute path of a program on PATH. */
export function findProgram(name: string): string | undefined {
  for (const directory of (process.env.PATH ?? '').split(delimiter)) {
    const path = join(directory, name);
    try {
      accessSync(path, constants.X_OK);
      return path;
    } catch {
      // Not in this directory.
    }
  }
  return undefined;
}

/** A `describe` that runs when all is there; a word is a program that must be on PATH. */
export function needs(...wants: (string | Need)[]): (title: string, body: () => void) => void {
  const missing = wants.flatMap((want) => reasonAgainst(want) ?? []);
  if (missing.length === 0) return (title, body) => void describe(title, body);
  return (title, body) => void describe.skip(`${title} [skipped: ${missing.join(', ')}]`, body);
}

function reasonAgainst(want: string | Need): string | undefined {
  if (typeof want !== 'string') return want.missing;
  return findProgram(want) === undefined ? `${want} is not installed` : undefined;
}
