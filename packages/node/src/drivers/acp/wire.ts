/**
 * The Agent Client Protocol, version 1, as far as we read it. The types are those of @agentclientprotocol/sdk; the shapes here
 * are looser than its own, since agents stray: unknown fields pass, a part that is malformed is as if it were absent.
 *
 * We ask `initialize`, then `session/new`, `session/resume` or `session/load`, then `session/prompt`, whose answer is the end of
 * the turn. Meanwhile come `session/update` notifications and `session/request_permission` requests.
 */
import type * as acp from '@agentclientprotocol/sdk';
import { MAX_AGENT_PATH } from '@skein/protocol/agents/limits';
import * as z from 'zod';

const text = z.string().nullish().catch(null);
const list = <T extends z.ZodType>(item: T) => z.array(item.nullable().catch(null)).nullish().catch(null);

export const TOOL_KIND = [
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
] as const satisfies acp.ToolKind[];

const modes = z
  .looseObject({
    currentModeId: z.string(),
    availableModes: z.array(z.looseObject({ id: z.string(), name: z.string(), description: text })),
  })
  .nullish()
  .catch(null);
/** Of before models became options; some agents still tell them so. */
const models = z
  .looseObject({
    currentModelId: z.string(),
    availableModels: z.array(z.looseObject({ modelId: z.string(), name: z.string(), description: text })),
  })
  .nullish()
  .catch(null);

const choice = z.looseObject({ value: z.string(), name: z.string(), description: text });
export const configOption = z.looseObject({
  id: z.string(),
  category: text,
  type: z.literal('select'),
  currentValue: z.string(),
  options: z.array(z.union([choice, z.looseObject({ options: z.array(choice) })])),
});
export const configOptions = z.looseObject({ configOptions: list(configOption) });

const on = z.unknown().transform((value) => value === true || (typeof value === 'object' && value !== null));
export const initialized = z.looseObject({
  protocolVersion: z.number(),
  agentInfo: z.looseObject({ name: z.string(), version: text }).nullish().catch(null),
  agentCapabilities: z
    .looseObject({
      loadSession: on.optional(),
      promptCapabilities: z.looseObject({ image: on.optional() }).nullish().catch(null),
      sessionCapabilities: z.looseObject({ resume: on.optional() }).nullish().catch(null),
    })
    .nullish()
    .catch(null),
});

/** What a session begins with, new, resumed or loaded; only a new one tells its id. */
export const session = z.looseObject({
  sessionId: text,
  modes,
  models,
  configOptions: list(configOption),
});

const count = z.number().nonnegative().nullish().catch(null);
export const prompted = z.looseObject({
  stopReason: z.string(),
  usage: z
    .looseObject({
      inputTokens: count,
      outputTokens: count,
      cachedReadTokens: count,
      cachedWriteTokens: count,
      thoughtTokens: count,
    })
    .nullish()
    .catch(null),
});

export const block = z.looseObject({ type: z.string(), text: text });
export const chunk = z.looseObject({ content: block, messageId: text });

const content = z.union([
  z.looseObject({ type: z.literal('content'), content: block }),
  z.looseObject({ type: z.literal('diff'), path: z.string(), oldText: text, newText: z.string() }),
]);
export const toolCall = z.looseObject({
  toolCallId: z.string(),
  title: text,
  name: text,
  kind: z.enum(TOOL_KIND).nullish().catch(null),
  status: text,
  content: list(content),
  locations: list(z.looseObject({ path: z.string() })),
  rawInput: z.unknown().optional(),
  rawOutput: z.unknown().optional(),
});
export type ToolCall = z.infer<typeof toolCall>;

export const plan = z.looseObject({
  entries: z.array(z.looseObject({ content: z.string(), status: z.string().catch('pending') })),
});
export const commands = z.looseObject({
  availableCommands: list(z.looseObject({ name: z.string(), description: text })),
});
export const currentMode = z.looseObject({ currentModeId: z.string() });
export const usage = z.looseObject({
  used: z.number().nonnegative(),
  size: z.number().nonnegative(),
  cost: z
    .looseObject({ amount: z.number(), currency: z.string().max(16) })
    .nullish()
    .catch(null),
});

export const update = z.looseObject({
  sessionId: z.string(),
  update: z.looseObject({ sessionUpdate: z.string() }),
});

const OPTION = [
  'allow_once',
  'allow_always',
  'reject_once',
  'reject_always',
] as const satisfies acp.PermissionOptionKind[];
export const permission = z.looseObject({
  sessionId: z.string(),
  toolCall,
  options: z.array(
    z.looseObject({ optionId: z.string(), name: z.string(), kind: z.enum(OPTION).catch('reject_once') }),
  ),
});

export const cancelRequest = z.looseObject({ requestId: z.union([z.string(), z.number()]) });

/** What the node is asked to read and write. */
const place = { path: z.string().min(1).max(MAX_AGENT_PATH) };
const lines = z.int().nonnegative().nullish().catch(null);
export const readFile = z.looseObject({ ...place, line: lines, limit: lines });
export const writeFile = z.looseObject({ ...place, content: z.string() });

/** What we write, by method. */
export interface Requests {
  initialize: acp.InitializeRequest;
  'session/new': acp.NewSessionRequest;
  'session/load': acp.LoadSessionRequest;
  'session/resume': acp.ResumeSessionRequest;
  'session/prompt': acp.PromptRequest;
  'session/set_mode': acp.SetSessionModeRequest;
  'session/set_config_option': acp.SetSessionConfigOptionRequest;
  'session/set_model': { sessionId: string; modelId: string };
}
export type {
  CancelNotification,
  ContentBlock,
  McpServer,
  RequestPermissionResponse,
} from '@agentclientprotocol/sdk';
