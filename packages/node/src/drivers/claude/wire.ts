/**
 * The lines of Claude Code's two-way stream-json, as far as we read them (`-p --input-format stream-json --output-format
 * stream-json --verbose --include-partial-messages --permission-prompt-tool stdio`). Unknown fields are let pass.
 *
 * We write `user` messages (prompts) and `control_request` (initialize, interrupt, set_permission_mode, set_model), and
 * answer its `control_request` (can_use_tool). It writes `system:init` at the start of each turn; `stream_event` with the
 * model's own stream; `assistant` with each finished block; `user` with results of tools; `result` at the end of a turn.
 */
import * as z from 'zod';

const id = z.string();
const parent = z.string().nullish();

export const textBlock = z.looseObject({ type: z.literal('text'), text: z.string() });
export const thinkingBlock = z.looseObject({ type: z.literal('thinking'), thinking: z.string() });
export const toolUseBlock = z.looseObject({
  type: z.literal('tool_use'),
  id,
  name: z.string(),
  input: z.record(z.string(), z.unknown()).catch({}),
});
export const toolResultBlock = z.looseObject({
  type: z.literal('tool_result'),
  tool_use_id: id,
  content: z.unknown().optional(),
  is_error: z.boolean().nullish(),
});

const tokens = z.number().nonnegative().nullish();
export const usage = z.looseObject({
  input_tokens: tokens,
  output_tokens: tokens,
  cache_read_input_tokens: tokens,
  cache_creation_input_tokens: tokens,
});

const blocks = z.array(z.looseObject({ type: z.string() }));

export const assistant = z.looseObject({
  parent_tool_use_id: parent,
  message: z.looseObject({ id: z.string().nullish(), content: blocks }),
});

export const user = z.looseObject({
  parent_tool_use_id: parent,
  isReplay: z.boolean().nullish(),
  message: z.looseObject({ content: z.union([z.string(), blocks]) }),
});

export const streamEvent = z.looseObject({
  parent_tool_use_id: parent,
  event: z.looseObject({
    type: z.string(),
    index: z.number().nullish(),
    content_block: z.looseObject({ type: z.string() }).nullish(),
    delta: z.looseObject({ type: z.string().nullish() }).nullish(),
  }),
});

export const init = z.looseObject({
  session_id: id,
  model: z.string().nullish(),
  permissionMode: z.string().nullish(),
  slash_commands: z.array(z.string()).nullish(),
});

export const status = z.looseObject({ permissionMode: z.string().nullish() });

export const result = z.looseObject({
  subtype: z.string(),
  is_error: z.boolean().nullish(),
  result: z.string().nullish(),
  errors: z.array(z.unknown()).nullish(),
  stop_reason: z.string().nullish(),
  terminal_reason: z.string().nullish(),
  session_id: z.string().nullish(),
  total_cost_usd: z.number().nullish(),
  usage: usage.nullish(),
});
export type Result = z.infer<typeof result>;

export const controlRequest = z.looseObject({
  request_id: id,
  request: z.looseObject({ subtype: z.string() }),
});

export const canUseTool = z.looseObject({
  tool_name: z.string(),
  tool_use_id: id.nullish(),
  input: z.record(z.string(), z.unknown()).catch({}),
  title: z.string().nullish(),
  description: z.string().nullish(),
  decision_reason: z.string().nullish(),
  blocked_path: z.string().nullish(),
  permission_suggestions: z.array(z.unknown()).nullish(),
});
export type CanUseTool = z.infer<typeof canUseTool>;

export const controlResponse = z.looseObject({
  response: z.looseObject({
    subtype: z.string(),
    request_id: id,
    error: z.string().nullish(),
    response: z.looseObject({}).nullish(),
  }),
});

export const controlCancel = z.looseObject({ request_id: id });

/** What `initialize` is answered with. */
export const initialized = z.looseObject({
  commands: z
    .array(z.looseObject({ name: z.string(), description: z.string().nullish() }))
    .nullish()
    .catch(null),
  models: z
    .array(
      z.looseObject({
        value: z.string(),
        displayName: z.string().nullish(),
        description: z.string().nullish(),
      }),
    )
    .nullish()
    .catch(null),
});

/** What we write. */
export type Outgoing =
  | {
      type: 'user';
      message: { role: 'user'; content: unknown[] };
      parent_tool_use_id: null;
      session_id: string;
    }
  | { type: 'control_request'; request_id: string; request: { subtype: string; [field: string]: unknown } }
  | {
      type: 'control_response';
      response:
        | { subtype: 'success'; request_id: string; response: Record<string, unknown> }
        | { subtype: 'error'; request_id: string; error: string };
    };
