/**
 * Suites that need something the machine may lack: skipped then, with the reason in the title, where the summary of
 * `npm test` finds it.
 *
 * `needs('vim')('vim in a session', () => { … })`, `needs(linux, 'strace')(…)`.
 */
import { spawnSync } from 'node:child_process';
import { describe } from 'vitest';
import { findProgram } from './programs.ts';

/** Something that a suite cannot run without; `missing` says why it is not there. */
export interface Need {
  missing: string | undefined;
}

export const linux: Need = { missing: process.platform === 'linux' ? undefined : 'needs Linux' };

/** Any other condition, told as the reason when it does not hold. */
export function condition(holds: boolean, missing: string): Need {
  return { missing: holds ? undefined : missing };
}

/** Whether disks may be mounted here, as by root, but not in every container. */
export const mounts = condition(
  process.getuid?.() === 0 && spawnSync('unshare', ['-m', 'true']).status === 0,
  'needs a user who may mount',
);

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
