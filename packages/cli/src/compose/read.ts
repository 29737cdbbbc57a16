/** Reads a compose file: from its text to what it declares, or all that is wrong with it, by line, column and field (rule B2). Pure. */
import { type ComposeFile, composeFile } from '@skein/protocol/compose/file';
import type * as z from 'zod';
import { takes } from './fields.ts';
import { addIssues, plain } from './issues.ts';
import { checkMeaning } from './meaning.ts';
import { type FieldPath, Problems } from './problems.ts';
import { type ComposeValue, type Position, readValue } from './yaml-value.ts';

export interface ReadFile {
  file: ComposeFile;
  at(field: FieldPath, name?: boolean): Position;
}

type Env = Readonly<Record<string, string | undefined>>;

/** `called`: what errors call it. Throws `definition_invalid` with `{file, line, column, field, problems}`. */
export function readCompose(called: string, text: string, env: Env, project?: string): ReadFile {
  const problems = new Problems();
  const given = readValue(text, env, problems);
  if (given === undefined) {
    problems.check(called);
    throw new Error('nothing was read, and nothing was wrong');
  }
  const value = withoutOthers(given.value);
  if (project !== undefined && isFields(value)) value.name = project;
  let parsed = composeFile.safeParse(value);
  if (!parsed.success && retyped(value, given, parsed.error.issues)) parsed = composeFile.safeParse(value);
  if (!parsed.success) addIssues(composeFile, { ...given, value }, parsed.error.issues, problems);
  problems.check(called);
  if (!parsed.success) throw new Error('it does not fit, and nothing was wrong');
  checkMeaning(parsed.data, given, problems);
  problems.check(called);
  return { file: parsed.data, at: given.at };
}

const isFields = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Fields that begin with `x-` are anybody's, to be referred to. */
function withoutOthers(value: unknown): unknown {
  if (!isFields(value)) return value;
  return Object.fromEntries(Object.entries(value).filter(([name]) => !name.startsWith('x-')));
}

/** What a variable was put into is a text, also where a number or a switch is wanted. Whether anything was changed. */
function retyped(value: unknown, given: ComposeValue, issues: readonly z.core.$ZodIssue[]): boolean {
  let changed = false;
  for (const { path } of issues.flatMap((one) => plain(one, value))) {
    if (!given.filled(path as FieldPath)) continue;
    const above = path
      .slice(0, -1)
      .reduce<unknown>((at, key) => (at as Record<PropertyKey, unknown>)?.[key], value);
    const last = path.at(-1);
    if (typeof above !== 'object' || above === null || last === undefined) continue;
    const fields = above as Record<PropertyKey, unknown>;
    const text = String(fields[last]);
    if (takes(composeFile, path, 'number') && /^\d{1,15}$/.test(text)) fields[last] = Number(text);
    else if (takes(composeFile, path, 'switch') && /^(true|false)$/.test(text))
      fields[last] = text === 'true';
    else continue;
    changed = true;
  }
  return changed;
}
