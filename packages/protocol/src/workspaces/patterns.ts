/**
 * Patterns of paths: what a claim names, and what a call may write (rule W1). So made that whether two of them have a path in
 * common is decided exactly. Pure.
 *
 * Names separated by `/`, from the workspace's root. In a name `*` stands for any characters but `/`, none included, and a
 * dot at the beginning as well; `**` as the last of the names stands for everything below and what it is below. `\*` and `\\`
 * are those signs themselves; control characters may be written as `\n`, `\r`, `\t` and `\u{1b}`, as they are shown.
 */
import { SkeinError } from '../errors.ts';
import { MAX_SEGMENTS, MAX_WORKSPACE_PATH } from './limits.ts';

/** A name; or, of one with wildcards, what stands between them: two parts at least, of which the first and last may be empty. */
export type Segment = string | readonly string[];

export interface Pattern {
  segments: readonly Segment[];
  /** It ends in `**`. */
  below: boolean;
}

/** What a disk takes for the same name. */
export interface Folds {
  case: boolean;
  unicode: boolean;
}

/** Reads a pattern. Throws `bad_request`, which says what is wrong with it. */
export function parsePattern(text: string): Pattern {
  const bad = (why: string) => badPattern(text, why);
  if (text.includes('\0')) throw bad('it holds NUL');
  if (!text.isWellFormed()) throw bad('it is not well-formed Unicode');
  if (text.startsWith('/')) throw bad("paths begin at the workspace's root, without a /");
  const segments: Segment[] = [];
  let below = text.endsWith('/');
  const names = text.split('/');
  for (const [n, name] of names.entries()) {
    if (name === '' || name === '.') continue;
    if (name === '..') throw bad('it may not lead up with ".."');
    if (name === '**' && names.slice(n + 1).every((rest) => rest === '' || rest === '.')) {
      below = true;
      break;
    }
    if (name.includes('**')) throw bad('"**" can only be the last of its names: use "*" for one name');
    segments.push(parseName(name, bad));
  }
  if (segments.length === 0 && !below) throw bad('it names no path; everything is "**"');
  return checked({ segments, below }, bad);
}

/** The pattern of one path as the system has it, relative to the workspace; with `below`, and of everything below it. */
export function patternOfPath(path: string, below = false): Pattern {
  const bad = (why: string) => badPattern(path, why);
  const segments = path === '' || path === '.' ? [] : path.split('/');
  if (segments.some((name) => name === '' || name === '.' || name === '..' || name.includes('\0')))
    throw bad('it is no plain path within a workspace');
  if (!path.isWellFormed()) throw bad('it is not well-formed Unicode');
  if (segments.length === 0 && !below) throw bad('it is the workspace itself');
  return checked({ segments, below }, bad);
}

function checked(pattern: Pattern, bad: (why: string) => SkeinError): Pattern {
  if (pattern.segments.length > MAX_SEGMENTS) throw bad(`it has more than ${MAX_SEGMENTS} names`);
  if (new TextEncoder().encode(formatPattern(pattern)).length > MAX_WORKSPACE_PATH)
    throw bad(`it is longer than ${MAX_WORKSPACE_PATH} bytes`);
  return pattern;
}

function badPattern(text: string, why: string): SkeinError {
  const told = shownPattern(text.length > 200 ? `${text.slice(0, 200)}…` : text);
  return new SkeinError('bad_request', `"${told}" is no pattern of paths: ${why}.`, { pattern: text });
}

const ESCAPES: Record<string, string> = { n: '\n', r: '\r', t: '\t', '*': '*', '\\': '\\' };

function parseName(name: string, bad: (why: string) => SkeinError): Segment {
  const parts = [''];
  for (let n = 0; n < name.length; n++) {
    const sign = name[n] as string;
    if (sign === '*') parts.push('');
    else if (sign === '\\') {
      const { text, length } = escaped(name.slice(n + 1), bad);
      parts[parts.length - 1] += text;
      n += length;
    } else parts[parts.length - 1] += sign;
  }
  const [only = ''] = parts;
  if (parts.length > 1) return parts;
  if (only === '.' || only === '..') throw bad('"." and ".." are no names');
  return only;
}

function escaped(rest: string, bad: (why: string) => SkeinError): { text: string; length: number } {
  const plain = ESCAPES[rest[0] ?? ''];
  if (plain !== undefined) return { text: plain, length: 1 };
  const code = /^u\{([0-9a-f]{1,6})\}/i.exec(rest);
  const point = Number.parseInt(code?.[1] ?? '', 16);
  if (
    code === null ||
    point === 0 ||
    point === 0x2f ||
    point > 0x10ffff ||
    (point >= 0xd800 && point < 0xe000)
  )
    throw bad('after "\\" it may have only "\\", "*", "n", "r", "t" or "u{…}"');
  return { text: String.fromCodePoint(point), length: code[0].length };
}

/** The pattern as text, always the same for the same pattern. What parses to it again. */
export function formatPattern({ segments, below }: Pattern): string {
  const names = segments.map((segment) =>
    typeof segment === 'string' ? escaping(segment) : segment.map(escaping).join('*'),
  );
  return [...names, ...(below ? ['**'] : [])].join('/');
}

const escaping = (text: string): string => text.replace(/[\\*]/g, '\\$&');

/** A pattern given by anybody, as it is kept. Throws `bad_request`. */
export function normalPattern(text: string): string {
  return formatPattern(parsePattern(text));
}

const NAMED: Record<string, string> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/** A pattern's text as it can be printed on one line of a terminal, and read again. */
export function shownPattern(text: string): string {
  return text.replace(
    /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu,
    (sign) => NAMED[sign] ?? `\\u{${sign.codePointAt(0)?.toString(16)}}`,
  );
}

/** The same as a word of a command, which would take one that begins with `-` for an option. */
export function typedPattern(text: string): string {
  return shownPattern(text).replace(/^-/, '\\u{2d}');
}

/** The same of one path, relative to the workspace; of the workspace itself, everything. */
export function typedPath(path: string): string {
  return path === '' ? '**' : typedPattern(escaping(path));
}

/** Whether there is a path that both name. */
export function overlaps(a: Pattern, b: Pattern): boolean {
  const [short, long] = a.segments.length <= b.segments.length ? [a, b] : [b, a];
  if (short.segments.length < long.segments.length && !short.below) return false;
  return short.segments.every((segment, n) => meet(segment, long.segments[n] as Segment));
}

/** Whether a path, relative to the workspace, is among those that a pattern names. */
export function covers({ segments, below }: Pattern, path: string): boolean {
  const names = path === '' ? [] : path.split('/');
  if (names.length < segments.length || (names.length > segments.length && !below)) return false;
  return segments.every((segment, n) => matches(segment, names[n] as string));
}

/** Whether every path that `inner` names is one that `outer` names. */
export function includes(outer: Pattern, inner: Pattern): boolean {
  const { segments } = outer;
  if (inner.segments.length < segments.length) return false;
  if (!outer.below && (inner.below || inner.segments.length > segments.length)) return false;
  return segments.every((segment, n) => contains(segment, inner.segments[n] as Segment));
}

/** Whether a name is one that a segment stands for. */
export function matches(segment: Segment, name: string): boolean {
  return typeof segment === 'string' ? segment === name : fits(segment, name);
}

/** Whether two segments stand for a name in common. */
export function meet(a: Segment, b: Segment): boolean {
  if (typeof a === 'string') return matches(b, a);
  if (typeof b === 'string') return fits(a, b);
  // Where both have wildcards all that stands between can be put one after the other: only the ends must agree.
  const [headA = '', headB = ''] = [a[0], b[0]];
  const [tailA = '', tailB = ''] = [a.at(-1), b.at(-1)];
  return (
    (headA.startsWith(headB) || headB.startsWith(headA)) && (tailA.endsWith(tailB) || tailB.endsWith(tailA))
  );
}

function contains(outer: Segment, inner: Segment): boolean {
  if (typeof inner === 'string') return matches(outer, inner);
  if (typeof outer === 'string') return false;
  // A sign that no part has stands for whatever a wildcard may: only a wildcard can take it.
  return fits(outer, inner.join('/'));
}

/** Each part as far to the left as it can be: whatever is possible otherwise is then possible too. */
function fits(parts: readonly string[], name: string): boolean {
  const head = parts[0] as string;
  const tail = parts.at(-1) as string;
  if (name.length < head.length + tail.length || !name.startsWith(head) || !name.endsWith(tail)) return false;
  const end = name.length - tail.length;
  let at = head.length;
  for (let n = 1; n < parts.length - 1; n++) {
    const part = parts[n] as string;
    const found = name.indexOf(part, at);
    if (found < 0 || found + part.length > end) return false;
    at = found + part.length;
  }
  return true;
}

/** A name as a disk compares it. Where it cannot be told which disk folds what, more is taken for the same rather than less. */
export function foldName(name: string, { case: anyCase, unicode }: Folds): string {
  if (!anyCase && !unicode) return name;
  const decomposed = unicode ? name.normalize('NFD') : name;
  if (!anyCase) return decomposed;
  // Upper case last: lower case depends on what stands beside a letter, as for a sigma at the end.
  const folded = decomposed.toLowerCase().toUpperCase();
  return unicode ? folded.normalize('NFD') : folded;
}

/** A path, or a pattern, of which names are compared as a disk does. */
export function foldPattern(pattern: Pattern, folds: Folds): Pattern {
  if (!folds.case && !folds.unicode) return pattern;
  const fold = (segment: Segment): Segment =>
    typeof segment === 'string' ? foldName(segment, folds) : segment.map((part) => foldName(part, folds));
  return { segments: pattern.segments.map(fold), below: pattern.below };
}
