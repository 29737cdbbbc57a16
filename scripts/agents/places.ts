/** Where the agent programs are kept, outside of the checkout, and whether one is there. */
import { accessSync, constants, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { type AgentName, PINS } from './pins.ts';

/** Written last into an agent's directory, before it gets its name. */
export const STAMP = 'installed.json';

export interface Installed {
  package: string;
  version: string;
  /** The program, relative to the directory. */
  program: string;
  bytes: number;
}

/** The directory that holds them all: below $XDG_CACHE_HOME, or ~/.cache. */
export function agentCache(env: NodeJS.ProcessEnv = process.env): string {
  const xdg = env.XDG_CACHE_HOME;
  const base = xdg !== undefined && isAbsolute(xdg) ? xdg : join(homedir(), '.cache');
  return join(base, 'skein', 'agents');
}

/** One directory a version, so that another checkout with other pins disturbs nobody. */
export function agentDirectory(name: AgentName, env?: NodeJS.ProcessEnv): string {
  const { version } = PINS[name];
  return join(agentCache(env), `${name}-${version}-${process.platform}-${process.arch}`);
}

export function readStamp(directory: string): Installed | undefined {
  try {
    return JSON.parse(readFileSync(join(directory, STAMP), 'utf8')) as Installed;
  } catch {
    return undefined;
  }
}

type AgentPath = { path: string; missing: undefined } | { path: undefined; missing: string };

/** The absolute path of an agent's program, or why there is none; `missing` suits `needs` of the tests. */
export function agentPath(name: AgentName, env?: NodeJS.ProcessEnv): AgentPath {
  const directory = agentDirectory(name, env);
  const stamp = readStamp(directory);
  if (stamp === undefined) {
    const { version, optional } = PINS[name];
    const words = optional ? ` -- ${name}` : '';
    return {
      path: undefined,
      missing: `${name} ${version} is not installed: npm run agents:install${words}`,
    };
  }
  const path = join(directory, stamp.program);
  try {
    accessSync(path, constants.X_OK);
    return { path, missing: undefined };
  } catch {
    return { path: undefined, missing: `${path} cannot be run: npm run agents:install -- ${name} --force` };
  }
}
