/**
 * Shapes of frames: one definition gives the TypeScript type and the check. Commands and events use zod; frames do not,
 * because every start of the CLI would pay for loading it.
 */
import { SkeinError } from './errors.ts';

/** A check that returns the value, typed, or throws `bad_frame` naming the field. */
export type Shape<T> = (value: unknown, path: string) => T;
export type Infer<S> = S extends Shape<infer T> ? T : never;

function bad(path: string, wanted: string): never {
  throw new SkeinError('bad_frame', `A frame's field "${path}" must be ${wanted}.`, { field: path });
}

/** A string of at most `max` UTF-16 units. */
export function str(max: number): Shape<string> {
  return (v, p) =>
    typeof v === 'string' && v.length <= max ? v : bad(p, `a string of at most ${max} characters`);
}

/** An integer within bounds, by default from 0 to 2^53 - 1. */
export function int(min = 0, max = Number.MAX_SAFE_INTEGER): Shape<number> {
  return (v, p) =>
    Number.isSafeInteger(v) && (v as number) >= min && (v as number) <= max
      ? (v as number)
      : bad(p, `an integer from ${min} to ${max}`);
}

export const bool: Shape<boolean> = (v, p) => (typeof v === 'boolean' ? v : bad(p, 'true or false'));

/** Anything at all: its meaning is checked by whoever it is for. */
export const any: Shape<Anything> = (v) => v as Anything;

/** A value whose meaning is checked later. Unlike `unknown` it can be told from an absent one. */
type Anything = NonNullable<unknown> | null;

/** Binary of at most `max` bytes. */
export function bytes(max: number): Shape<Uint8Array> {
  return (v, p) =>
    v instanceof Uint8Array && v.length <= max ? v : bad(p, `binary of at most ${max} bytes`);
}

/** One of the given strings. */
export function oneOf<const T extends string>(...values: T[]): Shape<T> {
  return (v, p) => (values.includes(v as T) ? (v as T) : bad(p, `one of ${values.join(', ')}`));
}

/** An array of at most `max` items. */
export function list<T>(item: Shape<T>, max: number): Shape<T[]> {
  return (v, p) =>
    Array.isArray(v) && v.length <= max
      ? v.map((x, i) => item(x, `${p}[${i}]`))
      : bad(p, `an array of at most ${max} items`);
}

/** Marks a field that may be absent. */
export function opt<T>(shape: Shape<T>): Shape<T | undefined> {
  const optional: Shape<T | undefined> & { optional?: true } = (v, p) =>
    v === undefined || v === null ? undefined : shape(v, p);
  optional.optional = true;
  return optional;
}

type Fields = Record<string, Shape<unknown>>;
type OptionalKeys<F extends Fields> = {
  [K in keyof F]: undefined extends Infer<F[K]> ? K : never;
}[keyof F];
type Obj<F extends Fields> = { [K in Exclude<keyof F, OptionalKeys<F>>]: Infer<F[K]> } & {
  [K in OptionalKeys<F>]?: Exclude<Infer<F[K]>, undefined>;
};

/** A map with these fields; others are dropped, so that a newer peer may say more. */
export function obj<F extends Fields>(fields: F): Shape<Obj<F>> {
  const entries = Object.entries(fields);
  return (v, p) => {
    if (typeof v !== 'object' || v === null || Array.isArray(v) || v instanceof Uint8Array) bad(p, 'a map');
    const out: Record<string, unknown> = {};
    for (const [key, shape] of entries) {
      const field = shape((v as Record<string, unknown>)[key], p === '' ? key : `${p}.${key}`);
      if (field !== undefined) out[key] = field;
    }
    return out as Obj<F>;
  };
}

/** A union of maps told apart by `t`. The result carries its `t`. */
export function union<U extends Record<string, Shape<object>>>(
  members: U,
): Shape<{ [K in keyof U & string]: { t: K } & Infer<U[K]> }[keyof U & string]> {
  return (v, p) => {
    const t = typeof v === 'object' && v !== null ? (v as { t?: unknown }).t : undefined;
    if (typeof t !== 'string' || !Object.hasOwn(members, t))
      bad(p === '' ? 't' : `${p}.t`, 'a known frame type');
    const member = members[t];
    if (member === undefined) bad('t', 'a known frame type');
    return Object.assign(member(v, p), { t }) as never;
  };
}
