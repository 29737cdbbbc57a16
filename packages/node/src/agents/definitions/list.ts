/** All definitions there are for a directory, with what is known of their programs; one that cannot be used says why. */
import path from 'node:path';
import type { ListedDefinition } from '@skein/protocol/agents/asks';
import { SkeinError } from '@skein/protocol/errors';
import { findProgram } from './find-program.ts';
import { WORKSPACE_FOLDER } from './places.ts';
import { candidates, namesThere, type Resolved, resolveDefinition, type Where } from './resolve.ts';
import { notTrusted } from './trust.ts';
import { type Asked, Versions } from './versions.ts';

export interface ListWhere extends Where {
  /** The environment whose PATH is searched, and that programs are asked for their versions in. */
  env: Record<string, string>;
  /** Whether versions are kept for the next time; true by default. */
  remember?: boolean;
}

type Told = { listed: ListedDefinition; asked?: Asked };

export async function listDefinitions(where: ListWhere): Promise<ListedDefinition[]> {
  const all = namesThere(where).flatMap((name) => told(name, where));
  const asking = all.flatMap(({ asked }) => (asked === undefined ? [] : [asked]));
  const versions = await new Versions(where.home, where.remember).of(asking);
  for (const { listed, asked } of all)
    if (asked !== undefined) listed.version = versions[asking.indexOf(asked)] ?? null;
  return all.map(({ listed }) => listed);
}

/** The one that is meant by a name; and the workspace's beside it, while nobody has agreed to that. */
function told(name: string, where: ListWhere): Told[] {
  const { theirs, own, built } = candidates(name, where);
  const out: Told[] = [];
  if (theirs?.trusted || own !== undefined || built !== undefined) out.push(usable(name, where));
  if (theirs !== undefined && !theirs.trusted) {
    const error = notTrusted(theirs.workspace, shortly(theirs));
    out.push({ listed: unusable(name, theirs.source, error) });
  }
  return out;
}

function usable(name: string, where: ListWhere): Told {
  try {
    return described(resolveDefinition(name, where), where);
  } catch (thrown) {
    const error = SkeinError.from(thrown);
    const file = error.data?.file;
    return { listed: unusable(name, typeof file === 'string' ? file : 'built-in', error) };
  }
}

function described({ definition, source, instead }: Resolved, { env }: ListWhere): Told {
  const { name, driver, command, title, install, version, env: own } = definition;
  const searched = typeof own.PATH === 'string' ? own.PATH : (env.PATH ?? '');
  const found = findProgram(definition, searched);
  const listed: ListedDefinition = {
    ...{ name, driver, found: found !== undefined, version: null, command, path: found ?? null, source },
    ...(title === undefined ? {} : { title }),
    ...(install === undefined ? {} : { install }),
    ...(instead === undefined ? {} : { instead }),
  };
  if (found === undefined || version === false) return { listed };
  return { listed, asked: { program: found, args: version, env: { ...env, PATH: searched } } };
}

function unusable(name: string, source: string, { code, message, data = {} }: SkeinError): ListedDefinition {
  const { line, column } = data as { line?: number; column?: number };
  const problem = {
    ...{ code, message },
    ...(line === undefined ? {} : { line }),
    ...(column === undefined ? {} : { column }),
  };
  return { name, driver: '', found: false, version: null, command: '', path: null, source, problem };
}

function shortly({ workspace, source }: { workspace: string; source: string }): string {
  return path.relative(path.join(workspace, WORKSPACE_FOLDER, '..'), source);
}
