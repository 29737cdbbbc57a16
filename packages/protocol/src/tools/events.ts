/** The events of agents that direct others, in their session's stream (rules N1, N2): limits that were reached, results. */
import * as z from 'zod';
import { MAX_TOLD } from './limits.ts';

const id = z.string().min(1).max(64);

/** `depth`: none may be started below it. `spawn`: so many are alive. `prompts`: so many it has given within a minute. `calls`: of tools. */
export const LIMITS = ['depth', 'spawn', 'prompts', 'calls', 'agents'] as const;
export type Limit = (typeof LIMITS)[number];

export const toolEvents = {
  /** It was refused something for that; told once a minute at most of a kind. */
  'limit.reached': z.object({ agent: id, which: z.enum(LIMITS), limit: z.int() }),
  /** What has come of what it was given, in its own words. */
  'agent.reported': z.object({
    agent: id,
    ok: z.boolean(),
    text: z.string().max(MAX_TOLD),
    data: z.record(z.string(), z.unknown()).optional(),
    /** Whoever has started it is prompted with it in the same transaction. */
    told: z.boolean().optional(),
  }),
  /** An agent has been told what those have reported that it has started. */
  'reports.seen': z.object({
    agent: id,
    of: z.array(id),
    /** By a prompt, made as its turn ended: it counts as one that each of those has given. */
    prompted: z.boolean().optional(),
  }),
};
export type ToolEvents = { [K in keyof typeof toolEvents]: z.infer<(typeof toolEvents)[K]> };
