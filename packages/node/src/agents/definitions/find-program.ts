/** Finds the program of a definition, on the PATH that it will have or where else it may be. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { SkeinError } from '@skein/protocol/errors';
import type { Definition } from './schema.ts';

type Sought = Pick<Definition, 'name' | 'command' | 'also' | 'base' | 'install'>;

/** Its absolute path; undefined when it is nowhere. `searched` is a PATH. */
export function findProgram({ command, also, base }: Sought, searched: string): string | undefined {
  for (const one of [command, ...also]) {
    const found = one.includes('/') ? runnable(fromBase(one, base)) : onPath(one, searched);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Throws `agent_missing`, with what to do. */
export function needProgram(sought: Sought, searched: string): string {
  const found = findProgram(sought, searched);
  if (found !== undefined) return found;
  const { name, command, install } = sought;
  const where = command.includes('/') ? 'is not there, or may not be run' : 'is not on the PATH';
  // In the sentence itself: that is all of it that an event keeps.
  const how = install === undefined ? '' : ` To get it: ${install}`;
  throw new SkeinError('agent_missing', `The program of agent "${name}", ${command}, ${where}.${how}`, {
    name,
    command,
    ...(install === undefined ? {} : { install }),
  });
}

/** A path of a definition as an absolute one. */
export function fromBase(given: string, base: string): string {
  if (given === '~' || given.startsWith('~/')) return path.join(os.homedir(), given.slice(1));
  return path.resolve(base, given);
}

/** Only absolute directories count: what lies in the directory that an agent works in is not ours to start. */
function onPath(program: string, searched: string): string | undefined {
  for (const dir of searched.split(path.delimiter)) {
    const found = path.isAbsolute(dir) ? runnable(path.join(dir, program)) : undefined;
    if (found !== undefined) return found;
  }
  return undefined;
}

function runnable(file: string): string | undefined {
  try {
    fs.accessSync(file, fs.constants.X_OK);
    return fs.statSync(file).isFile() ? file : undefined;
  } catch {
    return undefined;
  }
}
