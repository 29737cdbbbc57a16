/** What a machine lets another do with agents on it, and what becomes of them while that one is away (rules X1, X3). */
import * as z from 'zod';
import { definitionName } from '../agents/names.ts';
import { MAX_GRANT_NAMES, MAX_GRANTED, MAX_TERM_MS, MIN_TERM_MS, TERM_MS } from './limits.ts';

/** Once the lease has run out: its process is ended, or goes on with what it has been given. */
export const AWAY = ['stop', 'go-on'] as const;
export type Away = (typeof AWAY)[number];

/**
 * A write that needs a claim while home cannot be asked: it waits, `hold`, until home is there or its caller's patience is over;
 * `local`: it is let through by what is claimed on this machine alone, and told home later; `stop`: it is refused and the agent ended.
 */
export const CLAIMS_AWAY = ['hold', 'local', 'stop'] as const;
export type ClaimsAway = (typeof CLAIMS_AWAY)[number];

/** What a grant allows; `*` among the agents is every definition there is. */
export const granted = {
  agents: z
    .array(z.union([definitionName, z.literal('*')]))
    .min(1)
    .max(MAX_GRANT_NAMES),
  /** Directories of this machine, absolute and without links, in or below which agents may work; besides those there are workspaces made for them. */
  dirs: z.array(z.string().min(1).max(4_096)).max(MAX_GRANT_NAMES),
  /** Agents at a time that run or will run again. */
  max: z.int().min(1).max(MAX_GRANTED),
  /** Milliseconds that a lease lasts unless it is renewed. */
  term: z.int().min(MIN_TERM_MS).max(MAX_TERM_MS).default(TERM_MS),
  away: z.enum(AWAY).default('stop'),
  claims: z.enum(CLAIMS_AWAY).default('hold'),
};
