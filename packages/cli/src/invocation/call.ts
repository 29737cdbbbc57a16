/** One call of a command, parsed: typed access to its words. */

import { resolveHome } from '@skein/client/home';
import { SkeinError } from '@skein/protocol/errors';
import { MAX_SIZE, MIN_COLS, MIN_ROWS } from '@skein/protocol/limits';
import { shellWord } from '@skein/protocol/text/words';

/** What a parser found: both parsers give the same for the same words. */
export interface Parsed {
  command: string;
  /** By name; a list for an argument that takes many. */
  args: Record<string, string | string[]>;
  /** What follows was said to be taken as it is, by a bare `--`. */
  verbatim?: boolean;
  /** By name: true for a switch, a list for what may be repeated. */
  options: Record<string, true | string | string[]>;
}

export class Call {
  readonly #parsed: Parsed;

  constructor(parsed: Parsed) {
    this.#parsed = parsed;
  }

  get command(): string {
    return this.#parsed.command;
  }

  get json(): boolean {
    return this.flag('json');
  }

  /** Whether the arguments of a program followed a bare `--`. */
  get verbatim(): boolean {
    return this.#parsed.verbatim === true;
  }

  /** The home's absolute path; it need not exist. */
  get home(): string {
    return resolveHome(this.text('home'));
  }

  /** What a command that this one advises needs besides, to be about the same node: ` --home DIR`, if it was named so. */
  get elsewhere(): string {
    return this.text('home') === undefined ? '' : ` --home ${shellWord(this.home)}`;
  }

  /** An argument that the specification requires. */
  needed(name: string): string {
    return this.arg(name) ?? '';
  }

  arg(name: string): string | undefined {
    const value = this.#parsed.args[name];
    return typeof value === 'string' ? value : undefined;
  }

  args(name: string): string[] {
    const value = this.#parsed.args[name];
    return Array.isArray(value) ? value : [];
  }

  flag(name: string): boolean {
    return this.#parsed.options[name] === true;
  }

  text(name: string): string | undefined {
    const value = this.#parsed.options[name];
    return typeof value === 'string' ? value : undefined;
  }

  texts(name: string): string[] {
    const value = this.#parsed.options[name];
    return Array.isArray(value) ? value : [];
  }

  /** An option's whole number; throws `bad_request` when it is none, or out of bounds. */
  integer(name: string, max = Number.MAX_SAFE_INTEGER, min = 0): number | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    const value = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
    if (Number.isSafeInteger(value) && value >= min && value <= max) return value;
    const bounds = min === 0 ? `up to ${max}` : `from ${min} to ${max}`;
    throw new SkeinError('bad_request', `--${name} takes a whole number ${bounds}, not "${text}".`);
  }
}

/** `30s`, `15m`, `1h` or `7d` in milliseconds, more than none; throws `bad_request`. */
export function parseDuration(
  option: string,
  text: string | undefined,
  max = Number.MAX_SAFE_INTEGER,
): number | undefined {
  if (text === undefined) return undefined;
  const match = /^(\d{1,6})([smhd])$/.exec(text);
  const unit = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }[match?.[2] ?? ''];
  const ms = Number(match?.[1]) * (unit ?? 0);
  if (ms > max) {
    const days = Math.floor(max / 86_400_000);
    throw new SkeinError('bad_request', `--${option} is at most ${days}d, not "${text}".`);
  }
  if (ms > 0) return ms;
  throw new SkeinError('bad_request', `--${option} is a time like 30s, 15m, 1h or 7d, not "${text}".`);
}

/** An option that is one of some words; throws `bad_request`. */
export function oneOf<T extends string>(option: string, text: string, words: readonly T[]): T {
  const found = words.find((word) => word === text);
  if (found !== undefined) return found;
  throw new SkeinError('bad_request', `--${option} is one of ${words.join(', ')}, not "${text}".`);
}

/** `120x40` as columns and rows; throws `bad_size`. */
export function parseSize(text: string): { cols: number; rows: number } {
  const match = /^(\d{1,9})[x×](\d{1,9})$/i.exec(text);
  if (match === null) {
    throw new SkeinError('bad_size', `"${text}" is not a size. Give columns and rows, as in 120x40.`);
  }
  const [cols, rows] = [Number(match[1]), Number(match[2])];
  if (cols >= MIN_COLS && rows >= MIN_ROWS && cols <= MAX_SIZE && rows <= MAX_SIZE) return { cols, rows };
  const message = `A terminal has ${MIN_COLS} to ${MAX_SIZE} columns and ${MIN_ROWS} to ${MAX_SIZE} rows.`;
  throw new SkeinError('bad_size', message, { cols, rows });
}
