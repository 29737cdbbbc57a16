/** What zod has found wrong, in words for whoever wrote the file: what stands there, what may, what was meant (rule B2). Pure. */
import type * as z from 'zod';
import { fieldsAt, kindsAt, takes, wordsAt } from './fields.ts';
import { type FieldPath, meantBy, type Problems } from './problems.ts';
import { sentence } from './yaml-traps.ts';
import type { ComposeValue } from './yaml-value.ts';

type Issue = z.core.$ZodIssue;
type Path = readonly PropertyKey[];

/** Words that other YAMLs take for true or false. */
const SWITCHES: Record<string, boolean> = { yes: true, on: true, y: true, no: false, off: false, n: false };

/** What is wrong with the names of each place. */
const NAMES = {
  small: 'small letters, digits, ".", "_", "-", a letter or digit first',
  any: 'at most 64 letters, digits, ".", "_", "-", a letter or digit first',
};

export function addIssues(
  schema: z.core.$ZodType,
  given: ComposeValue,
  issues: readonly Issue[],
  problems: Problems,
): void {
  for (const issue of issues.flatMap((one) => plain(one, given.value))) {
    const path = issue.path;
    if (issue.code === 'unrecognized_keys') {
      const known = fieldsAt(schema, path);
      for (const key of issue.keys) {
        const field = [...path, key] as FieldPath;
        const why = known.includes(key)
          ? 'it cannot stand beside the others here'
          : `there is no such field here${meantBy(key, known)}`;
        problems.add(given.at(field, true), field, why);
      }
      continue;
    }
    const field = path as FieldPath;
    const missing = issue.code !== 'invalid_key' && valueAt(given.value, path) === undefined;
    if (missing) {
      problems.add(given.at(field.slice(0, -1), true), field, 'it is missing');
      continue;
    }
    problems.add(given.at(field, issue.code === 'invalid_key'), field, messageOf(schema, issue, given));
  }
}

/** Of a union what its best alternative says: the one that came furthest, where one is of the kind that was written. */
export function plain(issue: Issue, value: unknown, above: Path = []): Issue[] {
  const path = [...above, ...issue.path];
  if (issue.code !== 'invalid_union') return [{ ...issue, path } as Issue];
  const there = valueAt(value, path);
  const alternatives = issue.errors.filter(
    (errors) => !errors.some((one) => one.path.length === 0 && one.code === 'invalid_type'),
  );
  const [best] = alternatives.toSorted((a, b) => depth(b) - depth(a) || a.length - b.length);
  // `null` is a value of no kind; what is of no kind that may stand there is told by all kinds that may.
  if (best === undefined || there === null) return [{ ...issue, path } as Issue];
  // A slip in a field's name is why another is missing.
  const slips = best.filter(({ code }) => code === 'unrecognized_keys');
  return (slips.length > 0 ? slips : best).flatMap((one) => plain(one as Issue, value, path));
}

const depth = (issues: readonly { path: Path }[]) => Math.max(0, ...issues.map(({ path }) => path.length));

function messageOf(schema: z.core.$ZodType, issue: Issue, { value }: ComposeValue): string {
  const { path } = issue;
  const there = valueAt(value, path);
  switch (issue.code) {
    case 'invalid_type':
    case 'invalid_union':
      return kindMessage(schema, path, there);
    case 'invalid_value':
      return typeof there === 'string' ? wordMessage(schema, path, there) : kindMessage(schema, path, there);
    case 'invalid_key': {
      const key = String(path.at(-1));
      const [inner] = issue.issues;
      if (inner?.code === 'too_big')
        return `"${key.slice(0, 24)}…" is too long: names have at most 64 characters`;
      const custom = inner?.message ?? '';
      return `"${key}" cannot be a name: ${custom.startsWith('Invalid') ? NAMES.any : sentence(custom)}`;
    }
    case 'too_big':
      return `it is too ${issue.origin === 'array' ? 'many' : issue.origin === 'string' ? 'long' : 'large'}: at most ${issue.maximum}`;
    case 'too_small':
      return issue.origin === 'number' || issue.origin === 'int'
        ? `it is at least ${issue.minimum}`
        : 'it is empty';
    case 'invalid_format': {
      if (!issue.message.startsWith('Invalid')) return `"${String(there)}" is not right: ${issue.message}`;
      return `"${String(there)}" cannot be a name: ${path.length === 1 || path.at(-1) === 'agent' ? NAMES.small : NAMES.any}`;
    }
    default:
      return sentence(issue.message);
  }
}

function wordMessage(schema: z.core.$ZodType, path: Path, there: string): string {
  const words = wordsAt(schema, path);
  if (words.length === 0) return kindMessage(schema, path, there);
  if (takes(schema, path, 'switch') || takes(schema, path, 'number')) return kindMessage(schema, path, there);
  return `"${there}" is not possible${meantBy(there, words)}`;
}

function kindMessage(schema: z.core.$ZodType, path: Path, there: unknown): string {
  const wanted = kindsAt(schema, path);
  if (there === null)
    return `it is empty; it takes ${wanted}${/with/.test(wanted) ? ', {} for none' : ''}; or leave the line out`;
  if (typeof there === 'number' || typeof there === 'boolean')
    return takes(schema, path, 'text')
      ? `it takes a text, and ${there} is none; put quotes round it`
      : `it takes ${wanted}, not ${there}`;
  if (typeof there === 'string') {
    const word = there.toLowerCase();
    if (takes(schema, path, 'switch')) {
      const meant = Object.hasOwn(SWITCHES, word) ? SWITCHES[word] : undefined;
      if (meant !== undefined) return `"${there}" is a text in YAML; write ${meant}`;
      if (word === 'true' || word === 'false') return `it is quoted, and so a text; write ${word}`;
    }
    if (takes(schema, path, 'number') && /^\d+$/.test(there))
      return 'it is quoted, and so a text; write the number alone';
    if (/^\w+:./.test(there))
      return `it takes ${wanted}, not "${short(there)}"; a space is missing after the ":"`;
    return `it takes ${wanted}, not "${short(there)}"`;
  }
  if (Array.isArray(there)) {
    const named = wanted.startsWith('names');
    return `it takes ${wanted}, not a list${named ? '; write "name:" without the "-"' : ''}`;
  }
  return `it takes ${wanted}, not fields with their values`;
}

function short(text: string): string {
  return text.length <= 32 ? text : `${text.slice(0, 31)}…`;
}

export function valueAt(value: unknown, path: Path): unknown {
  let now = value;
  for (const key of path) {
    if (typeof now !== 'object' || now === null || !Object.hasOwn(now, key)) return undefined;
    now = (now as Record<PropertyKey, unknown>)[key];
  }
  return now;
}
