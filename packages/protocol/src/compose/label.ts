/** How what a compose file has made is known again, whatever it is called since: kept with it from its making on (rule B1). */
import * as z from 'zod';
import { MAX_NAME } from '../limits.ts';

/** Characters of a field's digest. */
const MAX_DIGEST = 16;

/** A project's name; it is a part of file names. */
export const projectName = z
  .string()
  .max(MAX_NAME)
  .regex(/^[a-z0-9][a-z0-9._-]*$/);

export const composeLabel = z.object({
  project: projectName,
  /** What it is called in the file. */
  part: z.string().min(1).max(MAX_NAME),
  /** By field: a digest of what was declared, where a change of it needs the thing to be made anew. */
  fields: z.record(z.string().max(32), z.string().max(MAX_DIGEST)),
});
export type ComposeLabel = z.infer<typeof composeLabel>;
