/** From a definition to what a host is asked to start (rule A3): the program, its arguments, its environment. */
import path from 'node:path';
import type { EnvValue } from '@skein/protocol/agents/env-value';
import { SkeinError } from '@skein/protocol/errors';
import type { StartSpec } from '../../drivers/driver.ts';
import { driverOf } from '../drivers.ts';
import type { AgentStarted } from '../effects-wanted.ts';
import { needProgram } from './find-program.ts';
import { MAX_SECRET, readEnvValue } from './read-env-value.ts';
import type { Definition } from './schema.ts';

type Env = Record<string, string>;

export interface LaunchSpec {
  /** What its driver will be started with. */
  start: StartSpec;
  /** Further arguments of its program. */
  args: readonly string[];
  /** It is to show its own interface in a terminal, whatever its definition's driver is. */
  pty?: boolean;
}

export interface Launch extends Pick<AgentStarted, 'driver' | 'argv' | 'stuckAfter' | 'restart'> {
  /** Holds secrets: never to be recorded or told. */
  env: Env;
  /** The process's directory. */
  cwd: string;
  options?: Record<string, unknown>;
}

/**
 * `env` is the environment of whoever starts it. The program's arguments are its definition's, then those of this agent, then
 * its driver's. Throws `agent_missing`, `agent_start_failed` and `driver_mismatch`.
 */
export function launchOf(definition: Definition, { start, args, pty = false }: LaunchSpec, env: Env): Launch {
  if (pty) {
    const { options: _, ...bare } = start;
    return launched(inTerminal(definition), bare, args, env);
  }
  if (definition.driver !== 'pty') return launched(definition, start, args, env);
  const message = `Agent "${definition.name}" lives in a terminal. Run it there: skein run --pty ${definition.name}`;
  throw new SkeinError('agent_start_failed', message);
}

/** The same agent with its own interface. Whoever sits before that may end it, and means it: it does not come back by itself. */
function inTerminal(definition: Definition): Definition {
  const { args, ...driven } = definition.pty ?? {};
  return {
    ...definition,
    driver: 'pty',
    args: args ?? (definition.driver === 'pty' ? definition.args : []),
    options: { ...definition.options, pty: driven },
    restart: { ...definition.restart, when: 'never' },
  };
}

function launched(definition: Definition, start: StartSpec, args: readonly string[], env: Env): Launch {
  const made = environmentOf(definition, env);
  const program = needProgram(definition, made.PATH ?? '');
  const { driver, restart, stuckAfter, options } = definition;
  const spec = withDefaults(definition, start);
  return {
    driver,
    argv: [program, ...definition.args, ...args, ...driverOf(driver).args(spec)],
    env: made,
    cwd: definition.cwd === undefined ? start.cwd : path.resolve(start.cwd, definition.cwd),
    restart: definition.resume ? restart : { ...restart, resume: false },
    stuckAfter,
    ...(options === undefined ? {} : { options }),
  };
}

/** What a driver is started with, where whoever asked for the agent chose nothing. */
export function withDefaults({ mode, model, options }: Definition, start: StartSpec): StartSpec {
  return {
    ...(mode === undefined ? {} : { mode }),
    ...(model === undefined ? {} : { model }),
    ...(options === undefined ? {} : { options }),
    ...start,
  };
}

/** The caller's environment with the definition's; throws `agent_start_failed` for a secret that is not there. */
export function environmentOf({ name, env: wanted, base }: Definition, env: Env): Env {
  const made = { ...env };
  for (const [variable, value] of Object.entries(wanted)) {
    delete made[variable];
    const found = readEnvValue(value, base, env);
    if (found !== undefined) made[variable] = found;
    else if (value !== null && typeof value === 'object' && value.optional !== true)
      throw notThere(name, variable, value);
  }
  return made;
}

function notThere(name: string, variable: string, value: Exclude<EnvValue, string | null>): SkeinError {
  const why =
    'from' in value
      ? `${value.from}, which is not set where it was started from`
      : `${value.file}, which cannot be read, is empty of sense, or has more than ${MAX_SECRET} bytes`;
  return new SkeinError('agent_start_failed', `Agent "${name}" needs ${variable} from ${why}.`, { variable });
}
