/** Reads JSON of strangers: what has not the expected shape is empty, never an exception. */

export type Json = Record<string, unknown>;

export function object(value: unknown): Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {};
}

export function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

export function objects(value: unknown): Json[] {
  return list(value).map(object);
}

export function string(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
