/** What a file may say of a variable in the environment of what it starts (rules A3, B1). One definition for type and check. */
import * as z from 'zod';
import { systemText } from '../system-text.ts';
import { MAX_AGENT_PATH } from './limits.ts';

export const envText = systemText(MAX_AGENT_PATH);

export const envVariable = z
  .string()
  .max(256)
  .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'a variable is a letter or _, then letters, digits, _');

/** Text as it stands; a variable of whoever starts it; what a file holds when it is started; null: not set at all. */
export const envValue = z.union([
  envText,
  z.null(),
  z.strictObject({ from: envVariable, optional: z.boolean().optional() }),
  z.strictObject({ file: envText.min(1), optional: z.boolean().optional() }),
]);
export type EnvValue = z.infer<typeof envValue>;
