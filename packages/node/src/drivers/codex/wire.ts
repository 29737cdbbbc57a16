/**
 * The app-server of Codex (`codex app-server`, JSON-RPC without its version field), as far as we read it. Shapes follow what
 * `codex app-server generate-ts` prints for 0.169.0, but looser: unknown fields pass.
 *
 * We ask `initialize`, say `initialized`, ask `thread/start` or `thread/resume`, then `turn/start` for each prompt. It tells
 * `turn/started`, items as they start, grow and complete, and `turn/completed`; it asks `item/…/requestApproval`.
 */
import * as z from 'zod';

const id = z.string();
const text = z.string().nullish().catch(null);
const texts = z.array(z.string()).catch([]);

const change = z.looseObject({
  path: z.string(),
  kind: z.looseObject({ type: z.string(), move_path: text }).catch({ type: 'update', move_path: null }),
  diff: z.string().catch(''),
});
export type Change = z.infer<typeof change>;
const action = z.looseObject({ type: z.string(), path: text });

const items = [
  z.looseObject({
    type: z.literal('userMessage'),
    id,
    content: z.array(z.looseObject({ type: z.string(), text: text })).catch([]),
  }),
  z.looseObject({ type: z.literal('agentMessage'), id, text: z.string() }),
  z.looseObject({ type: z.literal('reasoning'), id, summary: texts, content: texts }),
  z.looseObject({
    type: z.literal('commandExecution'),
    id,
    command: z.string(),
    cwd: text,
    status: text,
    commandActions: z.array(action).catch([]),
    startedAtMs: z.number().nullish().catch(null),
    aggregatedOutput: text,
    exitCode: z.number().nullish().catch(null),
  }),
  z.looseObject({ type: z.literal('fileChange'), id, changes: z.array(change), status: text }),
  z.looseObject({
    type: z.literal('mcpToolCall'),
    id,
    server: z.string(),
    tool: z.string(),
    status: text,
    arguments: z.unknown().optional(),
    result: z.unknown().optional(),
    error: z.unknown().optional(),
  }),
  z.looseObject({
    type: z.literal('dynamicToolCall'),
    id,
    tool: z.string(),
    status: text,
    arguments: z.unknown().optional(),
    contentItems: z.unknown().optional(),
  }),
  z.looseObject({ type: z.literal('webSearch'), id, query: z.string() }),
  z.looseObject({ type: z.literal('imageView'), id, path: z.string() }),
] as const;
export const item = z.discriminatedUnion('type', items);
export type Item = z.infer<typeof item>;
export const ITEMS: ReadonlySet<unknown> = new Set(items.map((one) => one.shape.type.value));

export const turn = z.looseObject({
  id,
  status: text,
  error: z.looseObject({ message: z.string() }).nullish().catch(null),
  items: z.array(z.unknown()).catch([]),
});

const of = { threadId: z.string().optional(), turnId: z.string().optional() };
export const thread = z.looseObject({ ...of });
export const itemNews = z.looseObject({ ...of, item: z.looseObject({ type: z.string(), id }) });
export const turnNews = z.looseObject({ ...of, turn });
export const delta = z.looseObject({
  ...of,
  itemId: id,
  delta: z.string(),
  summaryIndex: z.number().optional(),
  contentIndex: z.number().optional(),
});
export const patch = z.looseObject({ ...of, itemId: id, changes: z.array(change) });
export const plan = z.looseObject({
  ...of,
  plan: z.array(z.looseObject({ step: z.string(), status: z.string().catch('pending') })),
});

const count = z.number().nonnegative().catch(0);
const sums = z.looseObject({
  totalTokens: count,
  inputTokens: count,
  cachedInputTokens: count,
  outputTokens: count,
  reasoningOutputTokens: count,
});
export const tokenUsage = z.looseObject({
  ...of,
  tokenUsage: z.looseObject({
    total: sums,
    last: sums,
    modelContextWindow: z.number().nullish().catch(null),
  }),
});
export const failure = z.looseObject({ ...of, error: z.looseObject({ message: z.string() }) });
export const resolved = z.looseObject({ ...of, requestId: z.union([z.string(), z.number()]) });

export const approval = z.looseObject({
  ...of,
  itemId: id,
  reason: text,
  command: text,
  cwd: text,
  commandActions: z.array(action).nullish().catch(null),
  permissions: z.unknown().optional(),
});
export type Approval = z.infer<typeof approval>;
export const elicitation = z.looseObject({
  ...of,
  serverName: z.string(),
  _meta: z
    .looseObject({
      codex_approval_kind: z.string(),
      tool_name: z.string(),
      tool_params: z.unknown().optional(),
    })
    .nullish()
    .catch(null),
});

export const initialized = z.looseObject({ userAgent: text });
export const threadBegun = z.looseObject({
  thread: z.looseObject({ id, turns: z.array(z.unknown()).nullish().catch(null) }),
  model: text,
});
export const turnBegun = z.looseObject({ turn: z.looseObject({ id }) });
export const modelList = z.looseObject({
  data: z.array(z.looseObject({ model: z.string(), displayName: text, description: text })),
});

/** What an agent's definition may say for this driver, as in Codex's own configuration. */
export const options = z.looseObject({
  approvalPolicy: z.enum(['untrusted', 'on-request', 'never']).optional().catch(undefined),
  sandbox: z.enum(['read-only', 'workspace-write', 'danger-full-access']).optional().catch(undefined),
});
export type Options = z.infer<typeof options>;
