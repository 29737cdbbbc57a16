/** The steps for Claude Code's two-way stream-json (A1, A2): which of its messages mean what. */
import { cut, title, wordOf } from '../bounds.ts';
import { askApproval, tellCall, withdrawApproval } from '../calls.ts';
import type { Draft } from '../draft.ts';
import type { PromptPart } from '../driver.ts';
import { denial, type Message, makeDriver } from '../make.ts';
import type { OpenApproval } from '../state.ts';
import { claudeTools } from '../tools.ts';
import { inTurn, onAssistant, onStream, onUser } from './content.ts';
import { onResult, settle } from './result.ts';
import { CLAUDE_VERSION, type ClaudeState, initial } from './state.ts';
import { newsOf } from './tools.ts';
import * as wire from './wire.ts';

type D = Draft<ClaudeState>;

/** The modes in which it can be; it tells of no list. */
const MODES = [
  { id: 'default', name: 'Ask before changes' },
  { id: 'acceptEdits', name: 'Accept edits' },
  { id: 'plan', name: 'Plan only' },
  { id: 'bypassPermissions', name: 'Never ask' },
];
/** Characters of JSON of the rules that it suggests for "always"; more is not remembered, and not offered. */
const MAX_RULES = 16 * 1024;

export const claude = makeDriver<ClaudeState>({
  name: 'claude',
  version: CLAUDE_VERSION,
  args: (spec) => [
    ...['-p', '--input-format', 'stream-json', '--output-format', 'stream-json', '--verbose'],
    ...['--include-partial-messages', '--permission-prompt-tool', 'stdio'],
    ...claudeTools(spec.tools),
    ...(spec.resume === undefined ? [] : ['--resume', spec.resume.session]),
    ...['--permission-mode', spec.mode ?? 'default'],
    ...(spec.model === undefined ? [] : ['--model', spec.model]),
  ],
  initial,
  begin: (d) => control(d, 'initialize', {}),
  message: onMessage,
  prompt: (d, parts) => {
    d.s.said = [];
    send(d, {
      type: 'user',
      message: { role: 'user', content: parts.map(block) },
      parent_tool_use_id: null,
      session_id: '',
    });
  },
  cancel: (d) => control(d, 'interrupt', {}),
  answer,
  drop: (d, { request }) => reply(d, String(request), { behavior: 'deny', message: denial(undefined) }),
  choose: (d, what, value) => {
    const sent =
      what === 'mode'
        ? control(d, 'set_permission_mode', { mode: value }, value)
        : control(d, 'set_model', { model: value }, value);
    if (!sent) d.refuse(what, 'agent_not_ready', 'Too much was asked of the agent that it has not answered.');
  },
});

function send(d: D, message: wire.Outgoing): void {
  d.write(message);
}

/** Asks something of the agent; its answer will be told apart by `subtype`, and `value` is then what was asked for. */
function control(d: D, subtype: string, fields: Record<string, unknown>, value?: string): boolean {
  const id = `skein-${d.nextRequest()}`;
  if (!d.expect({ id, what: subtype, ...(value === undefined ? {} : { value: cut(value, 256) }) }))
    return false;
  send(d, { type: 'control_request', request_id: id, request: { subtype, ...fields } });
  return true;
}

function block(part: PromptPart): unknown {
  if (part.type === 'text') return { type: 'text', text: part.text };
  if (part.type === 'file') return { type: 'text', text: mention(part.path) };
  return { type: 'image', source: { type: 'base64', media_type: part.mime, data: part.data } };
}

/** Unquoted it ends for Claude Code at a space, and at its last letter of ASCII's; in quotes it can hold none. */
function mention(path: string): string {
  return /^\S*\w$/.test(path) || path.includes('"') ? `@${path}` : `@"${path}"`;
}

function onMessage(d: D, message: Message, line: string): void {
  const kind = wordOf(message.type);
  const type = kind === 'system' ? `${kind}:${wordOf(message.subtype)}` : kind;
  const read = Object.hasOwn(readers, type) ? readers[type] : undefined;
  if (read === undefined) d.note(type, line);
  else if (!read(d, message, line))
    d.fault('agent_bad_message', `The agent sent a ${title(type)} that is malformed.`, line);
}

type Reader = (d: D, message: Message, line: string) => boolean;

/** Reads a message of one shape; false when it has another. */
function reader<T>(
  shape: { safeParse(value: unknown): { success: true; data: T } | { success: false } },
  read: (d: D, value: T, line: string) => void,
): Reader {
  return (d, message, line) => {
    const parsed = shape.safeParse(message);
    if (parsed.success) read(d, parsed.data, line);
    return parsed.success;
  };
}

const readers: Record<string, Reader> = {
  'system:init': reader(wire.init, (d, { session_id, model, permissionMode }) => {
    tellSession(d, session_id);
    tellChosen(d, permissionMode, model);
    // Each turn begins with this, one of its own seconds before its model says a word.
    if (d.s.life === 'ready') inTurn(d);
  }),
  // A counter that moves while it thinks.
  'system:thinking_tokens': () => true,
  'system:status': reader(wire.status, (d, { permissionMode }) => tellChosen(d, permissionMode, null)),
  stream_event: reader(wire.streamEvent, onStream),
  assistant: reader(wire.assistant, onAssistant),
  user: reader(wire.user, onUser),
  result: reader(wire.result, (d, value, line) => {
    if (value.session_id && d.s.life === 'ready') tellSession(d, value.session_id);
    onResult(d, value, line);
  }),
  control_request: reader(wire.controlRequest, (d, { request_id, request }, line) => {
    if (request.subtype === 'can_use_tool') return onCanUseTool(d, request_id, request, line);
    d.note(`control_request:${request.subtype}`, line);
    if (request.subtype === 'request_user_dialog') return reply(d, request_id, { behavior: 'cancelled' });
    replyError(d, request_id, 'Not supported by this client.');
  }),
  control_response: reader(wire.controlResponse, onControlResponse),
  control_cancel_request: reader(wire.controlCancel, (d, { request_id }) => {
    withdrawApproval(d, request_id);
  }),
};

function reply(d: D, request: string, response: Record<string, unknown>): void {
  send(d, { type: 'control_response', response: { subtype: 'success', request_id: request, response } });
}

function replyError(d: D, request: string, error: string): void {
  send(d, { type: 'control_response', response: { subtype: 'error', request_id: request, error } });
}

function tellSession(d: D, session: string): void {
  const known = cut(session, 256);
  if (d.s.session === known) return;
  d.s.session = known;
  d.emit('agent.session', { session: known, resumes: true });
}

/** Tells which mode and model are chosen, if that is news. */
function tellChosen(d: D, mode: string | null | undefined, model: string | null | undefined): void {
  const newMode = mode ? cut(mode, 256) : d.s.mode;
  const newModel = model ? cut(model, 256) : d.s.model;
  const modes = newMode === d.s.mode ? {} : { modes: { current: newMode, list: MODES } };
  const models = newModel === d.s.model ? {} : { models: { current: newModel, list: d.s.models } };
  if (newMode === d.s.mode && newModel === d.s.model) return;
  d.s.mode = newMode;
  d.s.model = newModel;
  d.emit('agent.offers', { ...modes, ...models });
}

function onCanUseTool(d: D, id: string, request: unknown, line: string): void {
  const parsed = wire.canUseTool.safeParse(request);
  if (!parsed.success) {
    d.fault('agent_bad_message', 'The agent asked for permission in a way that is malformed.', line);
    return replyError(d, id, 'This request is malformed.');
  }
  const { tool_name, tool_use_id, input, permission_suggestions, decision_reason, description } = parsed.data;
  const news = newsOf(tool_name, input);
  const call = tool_use_id ?? id;
  tellCall(d, call, news);
  const rules = JSON.stringify(permission_suggestions ?? []);
  const always = (permission_suggestions?.length ?? 0) > 0 && rules.length <= MAX_RULES;
  const reason = decision_reason ?? description;
  const asked = askApproval(d, {
    request: id,
    call,
    news,
    ...(reason ? { reason } : {}),
    options: [
      { id: 'allow', kind: 'allow_once', label: 'Allow' },
      ...(always ? [{ id: 'always', kind: 'allow_always' as const, label: 'Allow from now on' }] : []),
      { id: 'deny', kind: 'deny_once', label: 'Deny' },
    ],
    stays: true,
    extra: { rules: always ? rules : null },
  });
  if (!asked) reply(d, id, { behavior: 'deny', message: 'Too many questions are open.' });
}

function answer(d: D, question: OpenApproval, option: string, allowed: boolean, reason?: string): void {
  const { rules } = question.extra as { rules: string | null };
  const always = option === 'always' && rules !== null;
  reply(
    d,
    String(question.request),
    allowed
      ? // It insists on the input; none of its fields means that it stays as it was, however long that is.
        { behavior: 'allow', updatedInput: {}, ...(always ? { updatedPermissions: JSON.parse(rules) } : {}) }
      : { behavior: 'deny', message: denial(reason) },
  );
}

type ControlResponse = ReturnType<typeof wire.controlResponse.parse>;

function onControlResponse(d: D, { response }: ControlResponse, line: string): void {
  const request = d.answered(response.request_id);
  if (request === undefined) return d.note('control_response', line);
  const ok = response.subtype === 'success';
  if (!ok)
    d.fault(
      request.what === 'initialize' ? 'agent_start_failed' : 'agent_request_failed',
      `The agent refused ${request.what}: ${response.error ?? 'it does not say why'}`,
    );
  if (request.what === 'initialize') return ok ? onInitialized(d, response.response) : d.giveUp('deaf');
  if (request.what === 'interrupt') return settle(d);
  if (!ok) return;
  if (request.what === 'set_permission_mode') tellChosen(d, request.value, null);
  else if (request.what === 'set_model') tellChosen(d, null, request.value);
}

function onInitialized(d: D, response: unknown): void {
  const parsed = wire.initialized.safeParse(response ?? {});
  const { commands, models } = parsed.success ? parsed.data : { commands: null, models: null };
  const list = (models ?? []).slice(0, 64).map(({ value, displayName, description }) => ({
    id: cut(value, 256),
    name: title(displayName ?? value),
    ...(description ? { description: title(description) } : {}),
  }));
  d.s.models = list;
  d.s.life = 'ready';
  d.emit('agent.ready', { name: 'Claude Code' });
  d.emit('agent.offers', {
    modes: { current: d.s.mode, list: MODES },
    models: { current: d.s.model, list },
    commands: (commands ?? []).slice(0, 512).map(({ name, description }) => ({
      id: cut(name, 256),
      name: title(name),
      ...(description ? { description: title(description) } : {}),
    })),
  });
}
