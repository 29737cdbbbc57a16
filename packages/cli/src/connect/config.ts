/** What the user has configured: `config.json` in the home, and the environment before it. */
import fs from 'node:fs';
import path from 'node:path';
import { SkeinError } from '@skein/protocol/errors';
import { DEFAULT_DETACH, type DetachKey, parseDetach } from '@skein/protocol/text/detach-keys';

interface Config {
  detach?: unknown;
}

/** The detach keys: SKEIN_DETACH, else `detach` in config.json, else `C-\ d`. Throws `bad_request` for wrong ones. */
export function detachKeys(home: string, env: NodeJS.ProcessEnv = process.env): DetachKey[] {
  return parseDetach(detachText(home, env));
}

/** The same as people write them. */
export function detachText(home: string, env: NodeJS.ProcessEnv = process.env): string {
  if (env.SKEIN_DETACH) return env.SKEIN_DETACH;
  const { detach = DEFAULT_DETACH } = readConfig(home);
  if (typeof detach === 'string') return detach;
  throw new SkeinError('bad_request', `"detach" in ${configFile(home)} must be a string like "C-\\\\ d".`);
}

function readConfig(home: string): Config {
  let text: string;
  try {
    text = fs.readFileSync(configFile(home), 'utf8');
  } catch {
    return {};
  }
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null) return value;
  } catch {
    // Told below.
  }
  throw new SkeinError('bad_request', `${configFile(home)} is not a JSON object. Correct or remove it.`);
}

function configFile(home: string): string {
  return path.join(home, 'config.json');
}
