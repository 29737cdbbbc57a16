/** The commands to a session that only agents give, by their tools (rule N1): bodies (zod). */
import * as z from 'zod';
import { isShallow, TOO_DEEP } from '../deeper.ts';
import { MAX_TOLD } from './limits.ts';

export const toolCommands = {
  /** By the agent itself; refused of anybody else. Whoever has started it is prompted with it when it is at nothing. */
  'agent.report': z.object({
    prompt: z.string().regex(/^[a-z2-7]{12}$/),
    ok: z.boolean(),
    text: z.string().min(1).max(MAX_TOLD),
    data: z.record(z.string(), z.unknown()).refine(isShallow, TOO_DEEP).optional(),
  }),
};
export type ToolCommands = { [K in keyof typeof toolCommands]: z.infer<(typeof toolCommands)[K]> };
