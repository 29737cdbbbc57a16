/**
 * The events of an agent's life in its session, besides those that its driver tells (events.ts): added, started, stopped,
 * prompts queued for it, answers given to it. One definition for type and check.
 *
 * An agent has one run at a time, and an end of each: `agent.exited` (its driver's), `agent.failed` or `agent.lost`.
 */
import * as z from 'zod';
import { composeLabel } from '../compose/label.ts';
import { who } from '../members/who.ts';
import { capability } from '../tools/capability.ts';
import { MAX_DIRECT_DEPTH } from '../tools/limits.ts';
import { strength } from '../workspaces/holder.ts';
import { placed } from '../workspaces/placed.ts';
import { TOOL_KINDS } from './events.ts';
import {
  MAX_AGENT_ID,
  MAX_AGENT_PATH,
  MAX_AGENT_TITLE,
  MAX_PROMPT_PARTS,
  MAX_REASON,
  PROMPT_PREVIEW,
} from './limits.ts';

const id = z.string().min(1).max(64);
const theirs = z.string().max(MAX_AGENT_ID);
const title = z.string().max(MAX_AGENT_TITLE);

/** A prompt's part as it is kept: whole, whichever way it was handed over. */
const part = z.union([
  z.object({ type: z.literal('text'), text: z.string() }),
  z.object({ type: z.literal('image'), mime: z.string(), data: z.string() }),
  z.object({ type: z.literal('file'), path: z.string() }),
]);
const prompt = {
  agent: id,
  prompt: id,
  parts: z.array(part).min(1).max(MAX_PROMPT_PARTS),
  /** Its beginning, for a list. */
  preview: z.string().max(PROMPT_PREVIEW),
};

export const RULE_KINDS = ['allow', 'deny'] as const;

export const agentLifeEvents = {
  'agent.added': z.object({
    agent: id,
    name: title,
    definition: title,
    cwd: z.string().max(MAX_AGENT_PATH),
    args: z.array(z.string()).optional(),
    /** Its runs are those of the session's terminal. */
    pty: z.boolean().optional(),
    /** Where it was put to work; one that works in a workspace because its directory lies there tells so when it has started. */
    workspace: placed.optional(),
    compose: composeLabel.optional(),
    /** The agents that it comes from, the one that started it first; absent where a person did. */
    above: z.array(id).min(1).max(MAX_DIRECT_DEPTH).optional(),
    /** What it may do with others; absent for nothing. */
    direct: capability.optional(),
  }),
  /** A process is about to be started for it; `resume` is the agent's own session that it goes on with. */
  'agent.starting': z.object({
    agent: id,
    run: id,
    resume: theirs.nullable(),
    /** Whether that session's past is in this log already. */
    known: z.boolean().optional(),
    /** How often it was started anew by itself since it last finished a turn. */
    attempt: z.int().min(0),
    mode: theirs.optional(),
    model: theirs.optional(),
  }),
  'agent.started': z.object({
    agent: id,
    run: id,
    host: id,
    pid: z.int(),
    start: z.string(),
    driver: title,
    /** Its program and arguments. Nothing secret is ever among them. */
    argv: z.array(z.string()),
    /** What only its driver understands, from its definition. */
    options: z.record(z.string(), z.unknown()).optional(),
    /** What it was started with, be it chosen for it or its definition's. */
    mode: theirs.optional(),
    model: theirs.optional(),
    /** Milliseconds without progress in a turn after which it counts as stuck; 0 for never. */
    stuckAfter: z.int().min(0),
    /** Where it works, and how strongly it is held to what others have claimed there. */
    workspace: placed.optional(),
    strength: strength.optional(),
    /** SHA-256, in hex, of the token by which it proves its capability (rule N1). */
    token: z.string().length(64).optional(),
    /** What its definition leaves of its capability, where that says something; null for nothing. */
    direct: capability.nullable().optional(),
    restart: z.object({
      when: z.enum(['never', 'on-failure', 'always']),
      /** Starts in a row without a turn finished in between, after which it is given up. */
      most: z.int().min(0),
      /** Milliseconds before the first of them; twice as long before each further one. */
      delay: z.int().min(0),
      /** False: never with its own session. */
      resume: z.literal(false).optional(),
      /** Milliseconds since it began before which it cannot go on with its own session. */
      resumeAfter: z.int().min(0).optional(),
    }),
  }),
  /** It could not be started, or is not started again. */
  'agent.failed': z.object({ agent: id, run: id, code: z.string().max(64), message: title }),
  /** Its host ended without telling how its process did. */
  'agent.lost': z.object({ agent: id, run: id, why: title }),
  /** It will be started again at `until`, milliseconds since 1970. */
  'agent.resting': z.object({ agent: id, until: z.int(), attempt: z.int() }),
  /** Somebody has asked for its end. */
  /** `why`, for people, where nobody has said that it should. */
  'agent.stopping': z.object({ agent: id, why: title.optional() }),
  /** It is being ended so that it can be started again, as this run. */
  'agent.restarting': z.object({ agent: id, run: id, fresh: z.boolean() }),
  'agent.removed': z.object({ agent: id }),
  /**
   * Nothing has come from it for so many milliseconds, though a turn runs and it waits for nobody; or, with no turn, it has
   * not become ready. Over with its next word.
   */
  'agent.stuck': z.object({ agent: id, run: id, turn: theirs.nullable(), quiet: z.int() }),
  /** A mode or model was chosen for it; `n` grows with each choice. */
  'agent.chosen': z.object({ agent: id, what: z.enum(['mode', 'model']), value: theirs, n: z.int() }),

  /** `also`: whose words are in it, beside its giver's. */
  'prompt.queued': z.object({ ...prompt, also: z.array(who).optional() }),
  'prompt.edited': z.object(prompt),
  'prompt.cancelled': z.object({ agent: id, prompt: id }),
  /** The agent has been asked to end this turn; `turn.ended` tells when it has. */
  'turn.cancelling': z.object({ agent: id, turn: theirs }),

  /** The one answer that counts. Who gave it is the event's `by`; a policy's or a rule's is the node's own, and names it. */
  'approval.answered': z.object({
    agent: id,
    run: id,
    approval: theirs,
    outcome: z.enum(['allowed', 'denied']),
    option: theirs,
    reason: z.string().max(MAX_REASON).optional(),
    /** The policy's rule, or the rule of this session, that answered. */
    rule: title.optional(),
  }),
  /** Nobody who may answer was looking: the command that the node's user configured for that has been run. */
  'approval.called': z.object({ agent: id, run: id, approval: theirs }),
  /** From now on the like is answered so without asking: this agent's calls of this tool and kind, or only the very same. */
  'rule.added': z.object({
    rule: id,
    agent: id,
    answer: z.enum(RULE_KINDS),
    tool: title,
    kind: z.enum(TOOL_KINDS).optional(),
    /** For people; null where it is not about one call alone. */
    title: title.nullable(),
    /** Of that call (see `approval.asked`). */
    same: z.string().max(64).optional(),
  }),
  'rule.removed': z.object({ rule: id }),
};
export type AgentLifeEvents = { [K in keyof typeof agentLifeEvents]: z.infer<(typeof agentLifeEvents)[K]> };
export type PromptPart = z.infer<typeof part>;
