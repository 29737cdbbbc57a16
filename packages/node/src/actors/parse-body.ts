/** Checks a body against its schema; the error names the field and what is wrong with it (rule K5). */
import { SkeinError } from '@skein/protocol/errors';
import type * as z from 'zod';

export function parseBody<S extends z.ZodType>(schema: S, body: unknown): z.infer<S> {
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const field = issue?.path.join('.') ?? '';
  const code =
    field === 'cols' || field === 'rows' ? 'bad_size' : field === 'name' ? 'bad_name' : 'bad_request';
  throw new SkeinError(code, sentence(code, field, issue?.message ?? 'malformed'), { field });
}

function sentence(code: string, field: string, issue: string): string {
  if (code === 'bad_size') return 'A terminal has 2 to 1000 columns and 1 to 1000 rows.';
  if (code === 'bad_name') {
    return 'A name has at most 64 characters: a letter or digit, then letters, digits, ".", "_", "-".';
  }
  return field === '' ? `Malformed: ${issue}.` : `"${field}" is not right: ${issue}.`;
}
