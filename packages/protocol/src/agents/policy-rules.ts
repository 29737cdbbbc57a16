/** What a policy says: rules that answer agents' questions before any person does (rule A5). One definition for type and check. */

import * as z from 'zod';
import { ROLES } from '../members/roles.ts';
import { systemText } from '../system-text.ts';
import { TOOL_KINDS } from './events.ts';
import { MAX_AGENT_PATH } from './limits.ts';

/** Rules of one policy. */
const MAX_RULES = 1_000;
/** Alternatives of one field. */
const MAX_ALTERNATIVES = 64;

const glob = systemText(MAX_AGENT_PATH).min(1);
const several = <T extends z.ZodType>(one: T) =>
  z.union([one, z.array(one).min(1).max(MAX_ALTERNATIVES)]).optional();

/** What a rule is about; all that it names must fit, and of each one alternative. */
const condition = z.strictObject({
  /** The agent's own name of the tool. */
  tool: several(glob),
  kind: several(z.enum(TOOL_KINDS)),
  /** From the agent's directory, or absolute, or from `~`; `*` and `?` within a name, `**` for any number of them. */
  path: several(glob),
  command: several(glob),
  /** The name of the agent's definition. */
  agent: several(glob),
  /** Of whoever prompted the turn. */
  role: several(z.enum(ROLES)),
  /** An `allow` with `command` fits commands with `;`, `|`, `$(…)` and the like too. */
  shell: z.boolean().optional(),
});

/** A rule is an answer and its condition; a text stands for the tool's name. */
const about = z.union([glob.transform((tool): Condition => ({ tool })), condition]);
export type Condition = z.infer<typeof condition>;

export const ANSWERS = ['allow', 'ask', 'deny'] as const;
export type PolicyAnswerKind = (typeof ANSWERS)[number];

export const ruleSpec = z.union([
  z.strictObject({ allow: about }),
  z.strictObject({ ask: about }),
  z.strictObject({ deny: about }),
]);
export type RuleSpec = z.infer<typeof ruleSpec>;

export const policyFile = z.strictObject({ rules: z.array(ruleSpec).max(MAX_RULES) });
