/** What a file says of a variable, read at the moment when it is wanted: secrets stay where they lie until then (rule A3). */
import type { EnvValue } from '@skein/protocol/agents/env-value';
import { fromBase } from './find-program.ts';
import { readOnce } from './places.ts';

/** Bytes of a file that a variable is read from. */
export const MAX_SECRET = 64 * 1024;

type Env = Record<string, string>;

/** `base` is where relative paths begin, `env` the environment of whoever starts it. Undefined for what is not to be set, or not there. */
export function readEnvValue(value: EnvValue, base: string, env: Env): string | undefined {
  if (value === null) return undefined;
  if (typeof value === 'string') return value;
  if ('from' in value) return Object.hasOwn(env, value.from) ? env[value.from] : undefined;
  const bytes = readQuietly(fromBase(value.file, base));
  if (bytes === undefined || bytes.length > MAX_SECRET || bytes.includes(0)) return undefined;
  // What an editor or `echo` ends a file with is not part of a secret.
  return bytes.toString('utf8').replace(/\r?\n$/, '');
}

function readQuietly(file: string): Buffer | undefined {
  try {
    return readOnce(file);
  } catch {
    return undefined;
  }
}
