/**
 * What a program's hooks report, one JSON line each (zod): the hook that ran, or that one which waited for an answer waits no
 * more. `skein hook` writes them, the node gives them to the driver as the program's output.
 */
import * as z from 'zod';

/** Characters of a report's id. */
export const MAX_REPORT_ID = 64;

const id = z.string().min(1).max(MAX_REPORT_ID);

export const report = z.union([
  z.object({
    id,
    hook: z.string().min(1).max(64),
    /** What the program told its hook. */
    data: z.record(z.string(), z.unknown()),
    /** Its process waits for what it is to answer. */
    waits: z.boolean().optional(),
  }),
  z.object({ id, gone: id }),
]);
export type Report = z.infer<typeof report>;

const text = z.string();
const turn = { prompt_id: text.nullish(), session_id: text.nullish() };
const call = { ...turn, tool_name: text, tool_input: z.record(text, z.unknown()).catch({}) };

/** What Claude Code hands to each of its hooks, as far as it is used. */
export const claudeHooks = {
  SessionStart: z.object({ session_id: text, source: text.nullish(), model: text.nullish() }),
  UserPromptSubmit: z.object({ ...turn, prompt: text.nullish() }),
  PreToolUse: z.object({ ...call, tool_use_id: text }),
  PermissionRequest: z.object({ ...call, permission_suggestions: z.array(z.unknown()).nullish() }),
  PostToolUse: z.object({ ...call, tool_use_id: text, tool_response: z.unknown() }),
  PostToolUseFailure: z.object({
    ...call,
    tool_use_id: text,
    error: z.unknown(),
    is_interrupt: z.boolean().nullish(),
  }),
  Notification: z.object({ message: text.nullish(), notification_type: text.nullish() }),
  Stop: z.object({ ...turn, last_assistant_message: text.nullish() }),
  StopFailure: z.object({ ...turn, error: text.nullish(), last_assistant_message: text.nullish() }),
  SessionEnd: z.object({ session_id: text, reason: text.nullish() }),
};
export type ClaudeHooks = { [K in keyof typeof claudeHooks]: z.infer<(typeof claudeHooks)[K]> };
export type ClaudeHook = keyof ClaudeHooks;

/** The hooks that Claude Code is to run. */
export const CLAUDE_HOOKS = Object.keys(claudeHooks) as ClaudeHook[];
/** The one whose answer decides something; it waits for people. */
export const CLAUDE_ASKS: ClaudeHook = 'PermissionRequest';
