/** What the inputs and answers of several tools are made of. */
import * as z from 'zod';
import { DOINGS } from '../agents/state.ts';
import { MAX_TOLD, MAX_WAIT_S, WAIT_S } from './limits.ts';

/** An agent of the caller's session, by name or id. */
export const agentRef = z.string().min(1).max(128).describe('Name or id of an agent, as "list" tells it.');

export const told = (what: string) => z.string().min(1).max(MAX_TOLD).describe(what);

export const timeout = z
  .number()
  .min(0)
  .max(MAX_WAIT_S)
  .default(WAIT_S)
  .describe(`Seconds to wait at most, up to ${MAX_WAIT_S}. When they are over you are told what is so then.`);

/** What an agent has come to. */
export const agentNow = z.object({
  agent: z.string().describe('Its id.'),
  name: z.string(),
  state: z.enum(DOINGS),
  /** Prompts that wait. */
  queued: z.int(),
  turns: z.int().describe('Turns that have ended.'),
  /** How its last turn ended; null before the first. */
  ended: z.string().nullable(),
  /** What it has reported last by "report". */
  reported: z.object({ ok: z.boolean(), text: z.string() }).nullable(),
  /** The last message of its last turn, shortened. */
  said: z.string().nullable(),
  /** What it asks a person or the one above it, and waits for. */
  asks: z.array(z.object({ approval: z.string(), title: z.string() })),
  /** Why it does not run, if it does not. */
  why: z.string().nullable(),
});
export type AgentNow = z.infer<typeof agentNow>;
