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

/** The texts of a message's content, in whichever of the ways APIs write it. */
export function textsOf(content: unknown, isText: (part: Json) => boolean = () => true): string[] {
  if (typeof content === 'string') return [content];
  return objects(content).flatMap((part) =>
    isText(part) && typeof part.text === 'string' ? [part.text] : [],
  );
}
