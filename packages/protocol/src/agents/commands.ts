/** The commands that concern a session's agents: their bodies (zod). All are to the session, `session/<id>` (rule K1). */
import * as z from 'zod';
import { composeLabel } from '../compose/label.ts';
import { identifier } from '../identifier.ts';
import { MAX_SIZE, MIN_COLS, MIN_ROWS } from '../limits.ts';
import { farPlaceWanted } from '../machines/place.ts';
import { systemText, word } from '../system-text.ts';
import { directWish } from '../tools/capability.ts';
import { MAX_AGENT_ID, MAX_AGENT_PATH, MAX_PROMPT_PARTS, MAX_REASON } from './limits.ts';
import { agentName, definitionName } from './names.ts';

/** Bytes of it do not fit into a frame: handed over before in pieces (the ask `upload`), named here by its handle. */
const upload = z.string().max(64);

/** A part of a prompt, as a client gives it. A text, or an image in base64, is either here or handed over before. */
export const promptPart = z.union([
  z.object({ type: z.literal('text'), text: z.string() }),
  z.object({ type: z.literal('text'), upload }),
  z.object({ type: z.literal('image'), mime: z.string().max(64), data: z.base64() }),
  z.object({ type: z.literal('image'), mime: z.string().max(64), upload }),
  /** A file that the agent may read for itself, on the machine where it runs: an absolute path. */
  z.object({ type: z.literal('file'), path: z.string().min(1).max(MAX_AGENT_PATH) }),
]);
export type PromptPartGiven = z.infer<typeof promptPart>;
const parts = z.array(promptPart).min(1).max(MAX_PROMPT_PARTS);

const agent = identifier;

/** What a new agent is to be. */
export const agentSpec = z.object({
  agent,
  run: identifier,
  definition: definitionName,
  /** Its definition's name, made unique in the session, unless given. */
  name: agentName.optional(),
  /**
   * The workspace that it works in; and whether in a worktree of its own, made for it: unless it is said, in one of a repository
   * that was cloned it has one, in others not.
   */
  workspace: identifier.optional(),
  worktree: z.boolean().optional(),
  /** The session's directory unless given; in a workspace that one's, and this is relative to it. */
  cwd: systemText(MAX_AGENT_PATH).min(1).optional(),
  /** Further arguments of its program, after those of its definition. */
  args: z.array(word).max(256).optional(),
  /** Handle of an environment given by the ask `env`. Without one it has the node's own. */
  env: z.string().max(64).optional(),
  mode: z.string().max(MAX_AGENT_ID).optional(),
  model: z.string().max(MAX_AGENT_ID).optional(),
  /** A session of the agent's own, from before, to go on with; its history is told. */
  resume: z.string().max(MAX_AGENT_ID).optional(),
  /** The PeerId of the machine that it is to run on, unless on this one; and where it is to work there. */
  on: z.string().max(64).optional(),
  there: farPlaceWanted.optional(),
  /** What it may do with other agents (rule N1). */
  direct: directWish.optional(),
  /** It is to show its own interface in the session's terminal, which is of this size to begin with. */
  pty: z
    .object({
      cols: z.int().min(MIN_COLS).max(MAX_SIZE),
      rows: z.int().min(MIN_ROWS).max(MAX_SIZE),
    })
    .optional(),
  compose: composeLabel.optional(),
});
export type AgentSpec = z.infer<typeof agentSpec>;

export const agentCommands = {
  'agent.add': agentSpec,
  /** Ends its process; it is not started again by itself. SIGKILL follows after `grace` milliseconds. */
  'agent.stop': z.object({ agent, grace: z.int().min(0).max(600_000).default(5_000) }),
  /** Starts it again: with its own session, if it can, unless `fresh`. One that runs is ended first. */
  'agent.restart': z.object({ agent, run: identifier, fresh: z.boolean().default(false) }),
  /** Forgets one that does not run. */
  'agent.remove': z.object({ agent }),
  'agent.mode': z.object({ agent, mode: z.string().max(MAX_AGENT_ID) }),
  'agent.model': z.object({ agent, model: z.string().max(MAX_AGENT_ID) }),
  /** Goes to the end of the agent's queue (A4). */
  'prompt.queue': z.object({ agent, prompt: identifier, parts }),
  /** Only until it starts, as cancelling it. */
  'prompt.edit': z.object({ agent, prompt: identifier, parts }),
  'prompt.cancel': z.object({ agent, prompt: identifier }),
  /** Asks the agent to end the turn that runs; `turn` guards against hitting the next. */
  'turn.cancel': z.object({ agent, turn: z.string().max(MAX_AGENT_ID).optional() }),
  /** The first valid answer wins (A5). `always`: the like is answered so from now on, in this session. */
  'approval.answer': z.object({
    approval: z.string().max(MAX_AGENT_ID),
    /** Yes, no, or the id of one of the options that were offered. */
    answer: z.union([z.enum(['allow', 'deny']), z.object({ option: z.string().max(MAX_AGENT_ID) })]),
    always: z.boolean().default(false),
    /** Told to the agent where it can be. */
    reason: z.string().max(MAX_REASON).optional(),
  }),
  /** Takes back an answer that was given for always. */
  'rule.remove': z.object({ rule: identifier }),
};
export type AgentCommands = { [K in keyof typeof agentCommands]: z.infer<(typeof agentCommands)[K]> };

/** The replies. Those of another node are checked by this before they are believed. */
export const agentReplies = {
  'agent.add': z.object({ agent: identifier, name: agentName, run: identifier }),
  'prompt.queue': z.object({
    agent: identifier,
    prompt: identifier,
    /** Prompts before it, the one that runs included. */
    before: z.int().min(0),
  }),
  'approval.answer': z.object({ approval: z.string(), outcome: z.enum(['allowed', 'denied']) }),
};
