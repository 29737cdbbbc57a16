/** What agents and their definitions are called, on a command line and in files. */
import * as z from 'zod';
import { MAX_NAME } from '../limits.ts';

const NAME = /^[\p{L}\p{N}][\p{L}\p{N}._-]*$/u;

/** An agent's name in its session: a letter or digit first, then letters, digits, `.`, `_`, `-`. */
export const agentName = z.string().max(MAX_NAME).regex(NAME);

/** A definition's name, which is also its file's: lower case, so that it is one file on every disk. */
export const definitionName = z
  .string()
  .max(MAX_NAME)
  .regex(/^[a-z0-9][a-z0-9._-]*$/);
