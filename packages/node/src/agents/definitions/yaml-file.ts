/** Reads a YAML file against a schema; whatever is wrong with it is told with its line, its column and the field. */
import { type Alias, type Document, isMap, isNode, isScalar, LineCounter, parseDocument, visit } from 'yaml';
import type * as z from 'zod';
import { invalid, type Position, START, textOf } from './text-file.ts';

/** Characters of such a file. Nobody writes one this long by hand. */
const MAX_FILE = 256 * 1024;
/** Aliases that may be followed: a few lines of YAML can otherwise stand for gigabytes. */
const MAX_ALIASES = 64;

type FieldPath = readonly PropertyKey[];

export interface Read<T> {
  value: T;
  /** Where the value of a field stands; undefined when it is not in the file. */
  at(field: FieldPath): Position | undefined;
}

/** Throws `definition_invalid` with `{file, line, column, field}`. `file` is what the error calls it. */
export function readYaml<S extends z.ZodType>(file: string, bytes: Buffer, schema: S): Read<z.infer<S>> {
  const text = textOf(file, bytes);
  if (text.length > MAX_FILE) throw invalid(file, START, '', `it has more than ${MAX_FILE} characters`);
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const at = (offset: number): Position => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  };
  const wrong = document.errors[0] ?? document.warnings[0];
  if (wrong !== undefined) throw invalid(file, at(wrong.pos[0]), '', sentence(wrong.message));
  const lost = aliasOfNothing(document);
  if (lost !== undefined) {
    const why = `*${lost.source} refers to an anchor that is not there; a text that begins with * needs quotes`;
    throw invalid(file, at(lost.range?.[0] ?? 0), '', why);
  }
  const find = (field: FieldPath, key = false) => {
    const offset = offsetOf(document, field, key);
    return offset === undefined ? undefined : at(offset);
  };
  const parsed = schema.safeParse(plain(file, document));
  if (parsed.success) return { value: parsed.data, at: find };
  const { field, message, key } = worst(parsed.error.issues[0]);
  throw invalid(file, find(field, key) ?? nearest(field, find), field.map(String).join('.'), message);
}

/** The first one whose anchor does not stand before it. */
function aliasOfNothing(document: Document): Alias | undefined {
  const anchors = new Set<string>();
  let found: Alias | undefined;
  visit(document, {
    Node: (_, node) => {
      if ('anchor' in node && node.anchor !== undefined) anchors.add(node.anchor);
    },
    Alias: (_, alias) => {
      if (anchors.has(alias.source)) return undefined;
      found = alias;
      return visit.BREAK;
    },
  });
  return found;
}

function plain(file: string, document: Document): unknown {
  try {
    return document.toJS({ maxAliasCount: MAX_ALIASES });
  } catch (error) {
    throw invalid(file, START, '', sentence((error as Error).message));
  }
}

/** A field that is not there is told of where it should be. */
function nearest(field: FieldPath, find: (field: FieldPath) => Position | undefined): Position {
  for (let some = field.length - 1; some > 0; some -= 1) {
    const found = find(field.slice(0, some));
    if (found !== undefined) return found;
  }
  return START;
}

/** Of a union, what the alternative misses that came furthest; of unknown keys, the first. */
function worst(issue: z.core.$ZodIssue | undefined): { field: FieldPath; message: string; key: boolean } {
  if (issue === undefined) return { field: [], message: 'malformed', key: false };
  const { path: field } = issue;
  if (issue.code === 'unrecognized_keys') {
    const [unknown = ''] = issue.keys;
    return { field: [...field, unknown], message: 'there is no such field', key: true };
  }
  if (issue.code === 'invalid_union') {
    const deepest = issue.errors
      .map(([first]) => worst(first))
      .reduce((a, b) => (b.field.length > a.field.length ? b : a), { field: [], message: '', key: false });
    if (deepest.field.length > 0) return { ...deepest, field: [...field, ...deepest.field] };
  }
  if (issue.code === 'invalid_type' && issue.message.endsWith('received undefined'))
    return { field, message: 'it is missing', key: false };
  return { field, message: sentence(issue.message), key: issue.code === 'invalid_key' };
}

function offsetOf(document: Document, field: FieldPath, key: boolean): number | undefined {
  if (field.length === 0) return undefined;
  const above = document.getIn(field.slice(0, -1), true);
  if (isMap(above)) {
    const pair = above.items.find(
      (one) => isScalar(one.key) && String(one.key.value) === String(field.at(-1)),
    );
    if (pair === undefined) return undefined;
    const node = key || !isNode(pair.value) ? pair.key : pair.value;
    return isNode(node) ? node.range?.[0] : undefined;
  }
  const node = document.getIn(field, true);
  return isNode(node) ? node.range?.[0] : undefined;
}

function sentence(message: string): string {
  const line = message.split('\n')[0] ?? '';
  const text = line.replace(/[.:]\s*$/, '').trim();
  return text.charAt(0).toLowerCase() + text.slice(1);
}
