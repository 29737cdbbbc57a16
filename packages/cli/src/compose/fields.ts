/** What may stand at a place of a schema, found from its definition: for telling what was meant (rule B2). Pure. */
import * as z from 'zod';

/** The schemas that a value at this path may be checked by; the unions on the way taken apart. */
function schemasAt(schema: z.core.$ZodType, path: readonly PropertyKey[]): z.core.$ZodType[] {
  const bare = unwrapped(schema);
  const [head, ...rest] = path;
  if (bare instanceof z.ZodUnion) return bare.options.flatMap((one) => schemasAt(one, path));
  if (head === undefined) return [bare];
  if (bare instanceof z.ZodObject) {
    const { shape } = bare;
    const field = Object.hasOwn(shape, head) ? (shape[String(head)] as z.core.$ZodType) : undefined;
    return field === undefined ? [] : schemasAt(field, rest);
  }
  // A list has numbers, names have texts.
  if (bare instanceof z.ZodRecord) return typeof head === 'string' ? schemasAt(bare.valueType, rest) : [];
  if (bare instanceof z.ZodArray) return typeof head === 'number' ? schemasAt(bare.element, rest) : [];
  return [];
}

function unwrapped(schema: z.core.$ZodType): z.core.$ZodType {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault) return unwrapped(schema.unwrap());
  return schema instanceof z.ZodPipe ? unwrapped(schema.in) : schema;
}

/** The names of fields that there are at this path. */
export function fieldsAt(schema: z.core.$ZodType, path: readonly PropertyKey[]): string[] {
  const objects = schemasAt(schema, path).filter((one) => one instanceof z.ZodObject);
  return [...new Set(objects.flatMap((one) => Object.keys(one.shape)))];
}

/** What a value there is to be, in words: `true or false`, `a text or a list`. */
export function kindsAt(schema: z.core.$ZodType, path: readonly PropertyKey[]): string {
  const kinds = schemasAt(schema, path).map(kindOf);
  return [...new Set(kinds)].join(' or ');
}

function kindOf(schema: z.core.$ZodType): string {
  if (schema instanceof z.ZodString) return 'a text';
  if (schema instanceof z.ZodNumber) return 'a whole number';
  if (schema instanceof z.ZodBoolean) return 'true or false';
  if (schema instanceof z.ZodArray) return 'a list';
  if (schema instanceof z.ZodObject) return 'fields with their values';
  if (schema instanceof z.ZodRecord) return 'names with what they are';
  if (schema instanceof z.ZodEnum) return `one of ${schema.options.join(', ')}`;
  if (schema instanceof z.ZodLiteral) return [...schema.values].map(String).join(' or ');
  return 'nothing';
}

/** What is to stand there is `kind`, as kindsAt tells it. */
export function takes(
  schema: z.core.$ZodType,
  path: readonly PropertyKey[],
  kind: 'text' | 'number' | 'switch',
): boolean {
  return schemasAt(schema, path).some((one) => {
    if (kind === 'text') return one instanceof z.ZodString;
    if (kind === 'number') return one instanceof z.ZodNumber || literal(one, 'number');
    return one instanceof z.ZodBoolean || literal(one, 'boolean');
  });
}

function literal(schema: z.core.$ZodType, type: string): boolean {
  return schema instanceof z.ZodLiteral && [...schema.values].some((value) => typeof value === type);
}

/** The words that may stand there, where only some may. */
export function wordsAt(schema: z.core.$ZodType, path: readonly PropertyKey[]): string[] {
  return schemasAt(schema, path).flatMap((one) =>
    one instanceof z.ZodEnum
      ? one.options.map(String)
      : one instanceof z.ZodLiteral
        ? [...one.values].map(String)
        : [],
  );
}
