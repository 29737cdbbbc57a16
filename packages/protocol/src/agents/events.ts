/**
 * The events that every driver turns its agent's protocol into (rule A1), checked by zod, one definition for type and
 * check. They say the same whichever agent it is, so that nobody who reads them need know which it was.
 *
 * A run becomes `agent.ready`, may be given a prompt, and tells of it: `turn.started`, messages and thoughts piece by piece,
 * tool calls, approvals, `turn.ended`. One turn runs at a time. Things may still arrive for a turn after its end. A turn
 * whose `prompt` is null was begun by the agent.
 */
import * as z from 'zod';
import {
  MAX_AGENT_DIFFS,
  MAX_AGENT_ID,
  MAX_AGENT_LIST,
  MAX_AGENT_PATH,
  MAX_AGENT_PATHS,
  MAX_AGENT_TEXT,
  MAX_AGENT_TITLE,
  MAX_APPROVAL_OPTIONS,
} from './limits.ts';

const id = z.string().max(MAX_AGENT_ID);
const text = z.string().max(MAX_AGENT_TEXT);
const title = z.string().max(MAX_AGENT_TITLE);
const path = z.string().max(MAX_AGENT_PATH);
const run = z.string().max(64);
const count = z.number().nonnegative();
/** Null where something came before any turn. */
const turn = id.nullable();

/** What an agent has handed over: a JSON value, or text; `cut` is the characters it had in all when only the first are kept. */
export const payload = z.union([
  z.object({ json: z.unknown() }),
  z.object({ text, cut: z.int().optional() }),
]);
export type Payload = z.infer<typeof payload>;

/** The change of one file: the texts it is between (`before` null for a new file), or a unified diff. `cut` as in a payload. */
export const diff = z.union([
  z.object({ path, before: text.nullable(), after: text, cut: z.int().optional() }),
  z.object({ path, patch: text, cut: z.int().optional() }),
]);
export type Diff = z.infer<typeof diff>;

export const TOOL_KINDS = [
  'read',
  'edit',
  'delete',
  'move',
  'search',
  'execute',
  'think',
  'fetch',
  'switch_mode',
  'other',
] as const;
export type ToolKind = (typeof TOOL_KINDS)[number];

/** What is told of a tool call. Each part replaces what was said of it before; what is absent stays as it was. */
const told = {
  /** The agent's own name of the tool. */
  name: title.optional(),
  kind: z.enum(TOOL_KINDS).optional(),
  title: title.optional(),
  paths: z.array(path).max(MAX_AGENT_PATHS).optional(),
  /** May change until the call is finished. */
  input: payload.optional(),
  output: payload.optional(),
  diffs: z.array(diff).max(MAX_AGENT_DIFFS).optional(),
};
const call = {
  run,
  turn,
  call: id,
  /** The call of whose subordinate agent this one is. */
  parent: id.optional(),
};

/** `denied` by an answer to its approval, `cancelled` with its turn; `failed` for any other reason. */
export const TOOL_ENDS = ['done', 'failed', 'denied', 'cancelled'] as const;
export type ToolEnd = (typeof TOOL_ENDS)[number];

export const OPTION_KINDS = ['allow_once', 'allow_always', 'deny_once', 'deny_always'] as const;
export type OptionKind = (typeof OPTION_KINDS)[number];
export const approvalOption = z.object({ id, kind: z.enum(OPTION_KINDS), label: title });
export type ApprovalOption = z.infer<typeof approvalOption>;

/** Ways of writing one path. */
const MAX_PLACES = 6;
/** The paths of a question, each as it is written and as it really is; `tree`: a directory. The agent's own and the user's likewise. */
const place = z.object({ path, tree: z.boolean() });
export const askedPlaces = z.object({
  paths: z.array(place).max(MAX_AGENT_PATHS * MAX_PLACES),
  cwd: z.array(path).max(MAX_PLACES),
  homes: z.array(path).max(MAX_PLACES),
});
export type AskedPlaces = z.infer<typeof askedPlaces>;

/**
 * How a turn ended: as it should; `cancelled`, confirmed by the agent; `refused` by the model; `failed`; `lost` with the
 * agent's process, so that nobody can tell.
 */
export const TURN_ENDS = ['done', 'cancelled', 'refused', 'failed', 'lost'] as const;
export type TurnEnd = (typeof TURN_ENDS)[number];

/** One of several that an agent offers. */
const choice = z.object({ id, name: title, description: title.optional() });
const choices = z.object({ current: id.nullable(), list: z.array(choice).max(MAX_AGENT_LIST) });
export type Choice = z.infer<typeof choice>;

/** A piece of a message or thought; the pieces of one `item` belong together, in order. */
const piece = { run, turn, item: id, parent: id.optional(), text };
/** Nothing more of `item` comes. `text` only when the agent has told the whole and it is not what the pieces make. */
const ended = { run, turn, item: id, text: text.optional() };

export const agentEvents = {
  /** It may be given its first prompt. */
  'agent.ready': z.object({ run, name: title.optional(), version: title.optional() }),
  /** The agent's own session; by it a later run can resume, where its protocol can (A6). */
  'agent.session': z.object({ run, session: id, resumes: z.boolean() }),
  /** What can be chosen, and what is chosen. Each part replaces what was said of it before. */
  'agent.offers': z.object({
    run,
    modes: choices.optional(),
    models: choices.optional(),
    commands: z.array(choice).max(MAX_AGENT_LIST).optional(),
  }),
  /** Something the driver does not know, as it came: `line` is what the agent wrote, or the part of it that was not known. */
  'agent.note': z.object({ run, turn, what: title, line: text, cut: z.int().optional() }),
  /** The agent did something that its protocol does not allow, or refused a request. `code` is one of errors.ts. */
  'agent.fault': z.object({ run, turn, code: z.string().max(64), message: title, text: text.optional() }),
  /** Something asked of the driver that cannot be done; nothing was sent to the agent. */
  'agent.refused': z.object({
    run,
    input: z.enum(['prompt', 'cancel', 'answer', 'mode', 'model']),
    /** The prompt's or the approval's. */
    id: id.optional(),
    code: z.string().max(64),
    message: title,
  }),
  /** Its process has ended; `stderr` is the last of what it complained of. */
  'agent.exited': z.object({
    run,
    code: z.int().nullable(),
    signal: z.int().nullable(),
    stderr: text,
  }),

  'turn.started': z.object({
    run,
    turn: id,
    prompt: id.nullable(),
    /** It is of the agent's own history, told when an earlier session was loaded. */
    replayed: z.boolean().optional(),
  }),
  'turn.ended': z.object({
    run,
    turn: id,
    reason: z.enum(TURN_ENDS),
    /** The agent's own word for it. */
    stop: title.optional(),
    message: title.optional(),
  }),

  'message.delta': z.object({ ...piece, from: z.enum(['agent', 'user']) }),
  'message.ended': z.object(ended),
  'thought.delta': z.object(piece),
  'thought.ended': z.object(ended),

  'tool.announced': z.object({
    ...call,
    ...told,
    kind: z.enum(TOOL_KINDS),
    title,
    paths: z.array(path).max(MAX_AGENT_PATHS),
  }),
  'tool.updated': z.object({ ...call, ...told }),
  'tool.finished': z.object({ ...call, ...told, end: z.enum(TOOL_ENDS) }),

  /** The whole plan as it is now. */
  'plan.set': z.object({
    run,
    turn,
    entries: z
      .array(z.object({ text: title, state: z.enum(['pending', 'doing', 'done']) }))
      .max(MAX_AGENT_LIST),
  }),
  /** What the turn has used so far; replaces what was said of this turn before. `context` is of the agent's window, in tokens. */
  'usage.set': z.object({
    run,
    turn,
    tokens: z
      .object({ input: count, output: count, cacheRead: count, cacheWrite: count, thought: count })
      .partial()
      .optional(),
    context: z.object({ used: count, size: count }).optional(),
    cost: z.object({ amount: z.number(), currency: z.string().max(16) }).optional(),
    /** What the agent's own session has cost in all, its turns of before too, of an agent that counts so. */
    sessionCost: z.number().optional(),
  }),

  /** The agent waits for an answer, and goes on waiting. */
  'approval.asked': z.object({
    ...call,
    ...told,
    approval: id,
    kind: z.enum(TOOL_KINDS),
    title,
    paths: z.array(path).max(MAX_AGENT_PATHS),
    /** Where those really are, of an agent that another machine commands, whose policies cannot look. */
    places: askedPlaces.optional(),
    /** A digest of all that it is to do; absent where that is not told whole, so that no other call is known to be the same. */
    same: z.string().max(64).optional(),
    reason: text.optional(),
    /**
     * The agent's mode lets it do this unasked, and it asks because the node makes it: `anywhere`, or if what it names really
     * lies in the agent's directory.
     */
    lets: z.enum(['anywhere', 'inside']).optional(),
    options: z.array(approvalOption).min(1).max(MAX_APPROVAL_OPTIONS),
  }),
  /** The answer was sent; or the agent withdrew the question, or a cancelled turn did. */
  'approval.resolved': z.object({
    run,
    approval: id,
    outcome: z.enum(['allowed', 'denied', 'withdrawn']),
    option: id.optional(),
  }),
  /** Its run has ended; it can no longer be answered (A5). */
  'approval.orphaned': z.object({ run, approval: id }),
};
export type AgentEvents = { [K in keyof typeof agentEvents]: z.infer<(typeof agentEvents)[K]> };
export type AgentEventType = keyof AgentEvents;

/** An event as a driver hands it out. */
export type AgentEvent = { [K in AgentEventType]: { type: K; body: AgentEvents[K] } }[AgentEventType];
