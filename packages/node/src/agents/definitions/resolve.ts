/** Finds a definition by its name (rule A3): a trusted workspace's before the user's own before those that come with Skein. */
import path from 'node:path';
import { definitionName } from '@skein/protocol/agents/names';
import { SkeinError } from '@skein/protocol/errors';
import { BUILT_IN_NAMES, builtIn } from './built-in.ts';
import {
  definitionFiles,
  definitionPath,
  readOnce,
  userDefinitions,
  WORKSPACE_FOLDER,
  workspaceOf,
} from './places.ts';
import { type Definition, definitionFile } from './schema.ts';
import { notTrusted, Trust } from './trust.ts';
import { type Read, readYaml } from './yaml-file.ts';

/** Where a name is looked for. `cwd` is the directory that the agent would work in. */
export interface Where {
  home: string;
  cwd: string;
}

export interface Resolved {
  definition: Definition;
  /** `built-in`, or the file that it is from. */
  source: string;
  /** The workspace that it belongs to, if it does; then its permissions can only make things stricter. */
  workspace?: string;
  /** What it stands in for, of the same name. */
  instead?: string;
  /** Where its fields stand, if it is from a file. */
  at?: Read<unknown>['at'];
}

/** Throws `not_found`, `not_trusted`, `definition_invalid`. */
export function resolveDefinition(name: string, where: Where): Resolved {
  if (!definitionName.safeParse(name).success)
    throw new SkeinError('bad_request', `"${name}" cannot be the name of a definition.`);
  const { theirs, own, built } = candidates(name, where);
  const below = own?.source ?? (built === undefined ? undefined : 'built-in');
  const instead = below === undefined ? {} : { instead: below };
  // A workspace that nobody has agreed to cannot take away what is there without it.
  if (theirs?.trusted) return { ...readDefinition(theirs, name), ...instead, workspace: theirs.workspace };
  if (own !== undefined)
    return { ...readDefinition(own, name), ...(built === undefined ? {} : { instead: 'built-in' }) };
  if (built !== undefined) return { definition: built, source: 'built-in' };
  if (theirs !== undefined) throw notTrusted(theirs.workspace, theirs.source);
  const names = namesThere(where);
  throw new SkeinError('not_found', `There is no agent "${name}". There are: ${names.join(', ')}.`, {
    names,
    see: 'skein agent ls',
  });
}

interface Candidate {
  source: string;
  bytes: Buffer;
  base: string;
}

export interface Candidates {
  theirs: (Candidate & { workspace: string; trusted: boolean }) | undefined;
  own: Candidate | undefined;
  built: Definition | undefined;
}

/** All that go by a name. */
export function candidates(name: string, { home, cwd }: Where): Candidates {
  const workspace = workspaceOf(cwd);
  const theirs = workspace === undefined ? undefined : inWorkspace(home, workspace, name);
  const source = definitionPath(userDefinitions(home), name);
  const bytes = readOnce(source);
  return {
    theirs,
    own: bytes === undefined ? undefined : { source, bytes, base: path.dirname(source) },
    built: builtIn(name),
  };
}

function inWorkspace(home: string, workspace: string, name: string): Candidates['theirs'] {
  const source = definitionPath(path.join(workspace, WORKSPACE_FOLDER, 'agents'), name);
  const bytes = readOnce(source);
  if (bytes === undefined) return undefined;
  const relative = path.relative(path.join(workspace, WORKSPACE_FOLDER), source);
  const trusted = new Trust(home).has(workspace, relative, bytes);
  return { source, bytes, base: workspace, workspace, trusted };
}

/** Throws `definition_invalid`. */
export function readDefinition({ source, bytes, base }: Candidate, name: string): Resolved {
  const { value, at } = readYaml(source, bytes, definitionFile);
  if (value.name !== undefined && value.name !== name) {
    const { line, column } = at(['name']) ?? { line: 1, column: 1 };
    throw new SkeinError(
      'definition_invalid',
      `${source}:${line}:${column}: "name": it is "${value.name}", but its file is called ${name}.yaml.`,
      { file: source, line, column, field: 'name' },
    );
  }
  return { definition: { ...value, name, base }, source, at };
}

/** Every name that means something there. */
export function namesThere({ home, cwd }: Where): string[] {
  const workspace = workspaceOf(cwd);
  const dirs = [userDefinitions(home)];
  if (workspace !== undefined) dirs.push(path.join(workspace, WORKSPACE_FOLDER, 'agents'));
  const files = dirs.flatMap((dir) => definitionFiles(dir).map(({ name }) => name));
  return [...new Set([...BUILT_IN_NAMES, ...files])].filter((name) => definitionName.safeParse(name).success);
}
