/** What is wrong with a compose file: where, which field, and what to write instead (rule B2). */
import { SkeinError } from '@skein/protocol/errors';

export type FieldPath = readonly (string | number)[];

export interface Problem {
  /** Counted from 1. */
  line: number;
  column: number;
  /** Such as `sessions.api.agents.lead.mode`; empty for the file itself. */
  field: string;
  /** A sentence without its full stop. */
  message: string;
}

/** Told of one file at a time. */
const MAX_TOLD = 20;

/** Collects what is wrong, so that a person is told all of it at once. */
export class Problems {
  readonly #all: Problem[] = [];

  add(at: { line: number; column: number }, field: FieldPath, message: string): void {
    const problem = { ...at, field: fieldOf(field), message };
    // What is wrong for two reasons is mended by the first.
    if (!this.#all.some((one) => one.line === at.line && one.column === at.column)) this.#all.push(problem);
  }

  get any(): boolean {
    return this.#all.length > 0;
  }

  /** In the order of the file. */
  get all(): Problem[] {
    return this.#all.toSorted((a, b) => a.line - b.line || a.column - b.column);
  }

  /** Throws `definition_invalid` with all of them, if there is one. `file` is what the error calls it. */
  check(file: string): void {
    const { all } = this;
    const [first] = all;
    if (first === undefined) return;
    const lines = all.slice(0, MAX_TOLD).map((one) => problemLine(file, one));
    if (all.length > MAX_TOLD) lines.push(`… and ${all.length - MAX_TOLD} more`);
    const { line, column, field } = first;
    throw new SkeinError('definition_invalid', lines.join('\n'), {
      file,
      line,
      column,
      field,
      problems: all,
    });
  }
}

export function problemLine(file: string, { line, column, field, message }: Problem): string {
  return `${file}:${line}:${column}: ${field === '' ? '' : `${field}: `}${message}.`;
}

export function fieldOf(path: FieldPath): string {
  return path.map(String).join('.');
}

/** The name that was meant, if one is as near as a slip of the fingers; undefined otherwise. Pure. */
export function nearest(word: string, names: readonly string[]): string | undefined {
  const most = word.length <= 3 ? 1 : word.length <= 7 ? 2 : 3;
  let best: { name: string; far: number } | undefined;
  for (const name of names) {
    if (name === word || Math.abs(name.length - word.length) > most) continue;
    const far = distance(word.toLowerCase(), name.toLowerCase());
    if (far <= most && (best === undefined || far < best.far)) best = { name, far };
  }
  return best?.name;
}

/** ` Did you mean "x"?`-like ending of a sentence: which was meant, or which there are. */
export function meantBy(word: string, names: readonly string[]): string {
  const near = nearest(word, names);
  if (near !== undefined) return `; did you mean "${near}"`;
  if (names.length === 0) return '';
  const shown = names.slice(0, 16).join(', ');
  return `; there is ${shown}${names.length > 16 ? ' …' : ''}`;
}

/** Letters to be added, left out, replaced or exchanged with the next. */
function distance(a: string, b: string): number {
  let before: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i += 1) {
    const now = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1;
      let cost = Math.min((last[j] ?? 0) + 1, (now[j - 1] ?? 0) + 1, (last[j - 1] ?? 0) + same);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        cost = Math.min(cost, (before[j - 2] ?? 0) + 1);
      now.push(cost);
    }
    [before, last] = [last, now];
  }
  return last[b.length] ?? 0;
}
