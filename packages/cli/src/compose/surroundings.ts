/** What a compose file names on this machine and must be there: directories, agents' definitions, variables, files (rule B2). */
import fs from 'node:fs';
import path from 'node:path';
import {
  definitionFiles,
  userDefinitions,
  WORKSPACE_FOLDER,
  workspaceOf,
} from '@skein/node/agents/definitions/places';
import { readEnvValue } from '@skein/node/agents/definitions/read-env-value';
import type { ComposeFile } from '@skein/protocol/compose/file';
import { BUILT_IN } from '../agents/definition-there.ts';
import { type FieldPath, meantBy, type Problems } from './problems.ts';
import type { ReadFile } from './read.ts';
import type { Wanted, WantedEnv } from './wanted.ts';

export interface Surroundings {
  /** SKEIN_HOME. */
  home: string;
  env: Record<string, string>;
}

/** Adds what is missing; and makes the directories of local workspaces what they really are. */
export function checkSurroundings(
  { file, at }: ReadFile,
  wanted: Wanted,
  here: Surroundings,
  problems: Problems,
): void {
  const add = (field: FieldPath, message: string) => problems.add(at(field), field, message);
  for (const [part, { source }] of Object.entries(wanted.workspaces)) {
    if (source.kind === 'local') source.dir = directory(source.dir, ['workspaces', part, 'local'], add);
    else if (source.kind === 'git' && source.url.startsWith('/'))
      directory(source.url, ['workspaces', part, 'git'], add);
  }
  for (const [part, session] of Object.entries(wanted.sessions)) {
    const path = ['sessions', part];
    const one = file.sessions?.[part];
    if (session.terminal !== undefined) {
      if (session.workspace === undefined) directory(session.terminal.cwd, cwdField(file, path), add);
      checkEnv(session.terminal.env, [...path, 'terminal', 'env'], wanted.base, here, add);
    }
    for (const [name, agent] of Object.entries(session.agents)) {
      const field = [...path, 'agents', name];
      // What is on another machine only it can tell.
      if (agent.on !== undefined) continue;
      if (agent.workspace === undefined && agent.cwd !== undefined)
        directory(
          agent.cwd,
          one?.agents?.[name]?.cwd === undefined ? cwdField(file, path) : [...field, 'cwd'],
          add,
        );
      checkEnv(agent.env, [...field, 'env'], wanted.base, here, add);
      const names = definitionsFor(agent, wanted, here.home);
      if (names !== undefined && !names.includes(agent.definition))
        add(
          [...field, 'agent'],
          `there is no agent "${agent.definition}"${meantBy(agent.definition, names)}`,
        );
    }
  }
}

type Add = (field: FieldPath, message: string) => void;

function cwdField(file: ComposeFile, path: FieldPath): FieldPath {
  const terminal = file.sessions?.[String(path[1])]?.terminal;
  const own = typeof terminal === 'object' && !Array.isArray(terminal) && terminal.cwd !== undefined;
  return own ? [...path, 'terminal', 'cwd'] : [...path, 'cwd'];
}

/** What it really is, links followed. */
function directory(dir: string, field: FieldPath, add: Add): string {
  try {
    if (fs.statSync(dir).isDirectory()) return fs.realpathSync.native(dir);
    add(field, `${dir} is no directory`);
  } catch {
    add(field, `there is no directory ${dir}`);
  }
  return dir;
}

function checkEnv(env: WantedEnv, field: FieldPath, base: string, here: Surroundings, add: Add): void {
  for (const [name, value] of Object.entries(env)) {
    if (value === null || typeof value === 'string' || value.optional === true) continue;
    if (readEnvValue(value, base, here.env) !== undefined) continue;
    const why =
      'from' in value ? `${value.from} is not set here` : `${path.resolve(base, value.file)} cannot be read`;
    add([...field, name], why);
  }
}

/** The agents that there are where this one works; undefined where that is not known yet, as in a clone to be made. */
function definitionsFor(
  agent: { workspace: string | undefined; cwd: string | undefined },
  wanted: Wanted,
  home: string,
): string[] | undefined {
  const source = agent.workspace === undefined ? undefined : wanted.workspaces[agent.workspace]?.source;
  if (source !== undefined && source.kind !== 'local' && source.kind !== 'scratch') return undefined;
  const dir =
    source === undefined
      ? agent.cwd
      : source.kind === 'local'
        ? path.resolve(source.dir, agent.cwd ?? '.')
        : undefined;
  const theirs = dir === undefined ? undefined : workspaceOf(dir);
  const places = [
    userDefinitions(home),
    ...(theirs === undefined ? [] : [path.join(theirs, WORKSPACE_FOLDER, 'agents')]),
  ];
  return [
    ...new Set([...BUILT_IN, ...places.flatMap((place) => definitionFiles(place).map(({ name }) => name))]),
  ];
}
