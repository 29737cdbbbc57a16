/** Runs the `skein` that was just built, for the demonstration. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

export type Json = Record<string, unknown>;

/** The program and its first arguments. */
export const SKEIN: [string, ...string[]] = [
  process.execPath,
  join(import.meta.dirname, '../../packages/cli/dist/skein.cjs'),
];

/** What the command prints; throws with what it complained of when it fails. */
export function skein(...args: string[]): string {
  return skeinWith('', ...args);
}

/** The same, with something on its stdin. */
export function skeinWith(input: string, ...args: string[]): string {
  const { status, stdout, stderr } = spawnSync(SKEIN[0], [...SKEIN.slice(1), ...args], {
    input,
    encoding: 'utf8',
    stdio: ['pipe', 'pipe', 'pipe'],
    maxBuffer: 64 * 1024 * 1024,
  });
  if (status !== 0) fail(`skein ${args.join(' ')} failed (${status}):\n${stderr}`);
  return stdout;
}

/** The one value that the command prints with --json. */
export function skeinJson<T>(...args: string[]): T {
  return JSON.parse(skein(...args, '--json')) as T;
}

export function fail(why: string): never {
  throw new Error(why);
}
