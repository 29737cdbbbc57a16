/** The steps for agents that speak ACP version 1 (A1, A2): the session's beginning, prompts, permissions. */
import type { OptionKind, TurnEnd } from '@skein/protocol/agents/events';
import { title } from '../bounds.ts';
import { askApproval, finishCall, tellCall, withdrawApproval } from '../calls.ts';
import type { Draft } from '../draft.ts';
import type { StartSpec } from '../driver.ts';
import {
  type Failure,
  INVALID_PARAMS,
  METHOD_NOT_FOUND,
  REQUEST_CANCELLED,
  Rpc,
  type Told,
  told,
} from '../jsonrpc.ts';
import { makeDriver } from '../make.ts';
import type { OpenRequest } from '../state.ts';
import { block } from './block.ts';
import { fileDone, isFileMethod, wantFile } from './files.ts';
import { takeChosen, takeOffers, takeOptions, tellOffers } from './offers.ts';
import { ownTool, servers } from './own-tools.ts';
import { ACP_VERSION, type AcpState, initial } from './state.ts';
import { newsOf, updates } from './updates.ts';
import * as wire from './wire.ts';

type D = Draft<AcpState>;
const PROTOCOL_VERSION = 1;
const rpc = new Rpc<AcpState>('2.0');

function ask<K extends keyof wire.Requests>(
  d: D,
  method: K,
  params: wire.Requests[K],
  value?: string,
): boolean {
  return rpc.request(d, method, params, value);
}

export const acp = makeDriver<AcpState>({
  name: 'acp',
  version: ACP_VERSION,
  args: () => [],
  initial,
  begin: (d, spec) => initialize(d, spec),
  message: (d, message, line) => {
    const what = told(message);
    if (what === undefined) d.fault('agent_bad_message', 'The agent sent what is not JSON-RPC.', line);
    else onTold(d, what, line);
  },
  prompt: (d, parts) => {
    d.s.costBefore = d.s.cost;
    d.s.replaying = false;
    ask(d, 'session/prompt', { sessionId: d.s.session ?? '', prompt: parts.map(block) });
  },
  cancel: (d) => {
    const params: wire.CancelNotification = { sessionId: d.s.session ?? '' };
    rpc.notify(d, 'session/cancel', params);
    // Whoever cancels must answer what is asked, or the agent waits on.
    for (const { request } of d.s.approvals) {
      withdrawApproval(d, request);
      respondPermission(d, request, { outcome: { outcome: 'cancelled' } });
    }
  },
  answer: (d, question, option, allowed) => {
    respondPermission(d, question.request, { outcome: { outcome: 'selected', optionId: option } });
    // Not every agent reports that a call which it may not make is over.
    if (!allowed) finishCall(d, question.call, 'failed');
  },
  drop: (d, { request }) => respondPermission(d, request, { outcome: { outcome: 'cancelled' } }),
  choose,
  file: fileDone,
});

function initialize(d: D, spec: StartSpec): void {
  const files = spec.files === true;
  ask(d, 'initialize', {
    protocolVersion: PROTOCOL_VERSION,
    clientCapabilities: { fs: { readTextFile: files, writeTextFile: files }, terminal: false },
    clientInfo: spec.client,
  });
}

function respondPermission(d: D, request: string | number, response: wire.RequestPermissionResponse): void {
  rpc.respond(d, request, response);
}

function onTold(d: D, what: Told, line: string): void {
  switch (what.type) {
    case 'notification':
      return onNotification(d, what.method, what.params, line);
    case 'request':
      if (what.method === 'session/request_permission') return onPermission(d, what.id, what.params, line);
      if (d.s.files !== undefined && isFileMethod(what.method)) {
        if (!wantFile(d, what.id, what.method, what.params)) malformed(d, what.method, line);
        return;
      }
      // Outside of the specification, or of what was offered.
      d.note(what.method, line);
      return rpc.respondError(
        d,
        what.id,
        METHOD_NOT_FOUND,
        `This client has no method ${title(what.method)}.`,
      );
    case 'result': {
      const request = d.answered(what.id);
      return request === undefined ? d.note('response', line) : onResult(d, request, what.result, line);
    }
    case 'failure': {
      const request = d.answered(what.id);
      return request === undefined ? d.note('response', line) : onFailure(d, request, what.error);
    }
  }
}

function onNotification(d: D, method: string, params: unknown, line: string): void {
  if (method === '$/cancel_request') {
    const parsed = wire.cancelRequest.safeParse(params);
    const taken = parsed.success ? withdrawApproval(d, parsed.data.requestId) : undefined;
    if (taken !== undefined) rpc.respondError(d, taken.request, REQUEST_CANCELLED, 'Cancelled.');
    return;
  }
  if (method !== 'session/update') return d.note(method, line);
  const parsed = wire.update.safeParse(params);
  if (!parsed.success) return malformed(d, method, line);
  const { sessionId, update } = parsed.data;
  const name = update.sessionUpdate;
  // Sessions of subordinate agents are the agent's own business.
  const foreign = d.s.session !== null && sessionId !== d.s.session;
  const read = Object.hasOwn(updates, name) && !foreign ? updates[name] : undefined;
  if (read === undefined) d.note(name, line);
  else if (!read(d, update, line)) malformed(d, name, line);
  // News of the present: the past is told.
  if (d.s.life === 'ready' && d.s.turn?.replayed && name === 'available_commands_update') d.endTurn('done');
}

function malformed(d: D, what: string, line: string): void {
  d.fault('agent_bad_message', `The agent sent a ${title(what)} that is malformed.`, line);
}

const KINDS: Record<string, OptionKind> = {
  allow_once: 'allow_once',
  allow_always: 'allow_always',
  reject_once: 'deny_once',
  reject_always: 'deny_always',
};

function onPermission(d: D, id: string | number, params: unknown, line: string): void {
  const parsed = wire.permission.safeParse(params);
  if (!parsed.success) {
    malformed(d, 'session/request_permission', line);
    return rpc.respondError(d, id, INVALID_PARAMS, 'This request is malformed.');
  }
  const { toolCall, options } = parsed.data;
  const news = { ...ownTool(d.s, toolCall.toolCallId), ...newsOf(toolCall) };
  tellCall(d, toolCall.toolCallId, news);
  const question = {
    request: id,
    call: toolCall.toolCallId,
    news,
    options: options
      .filter((option) => option.optionId.length <= 256)
      .map((option) => ({
        id: option.optionId,
        kind: KINDS[option.kind] ?? 'deny_once',
        label: option.name,
      })),
  };
  // It may have asked before it heard of the cancel, and ends its turn only when it has an answer.
  const asked = d.s.turn?.cancelling !== true && askApproval(d, question);
  if (!asked) respondPermission(d, id, { outcome: { outcome: 'cancelled' } });
}

function onResult(d: D, request: OpenRequest, result: unknown, line: string): void {
  switch (request.what) {
    case 'initialize':
      return onInitialized(d, result, line);
    case 'session/new':
    case 'session/load':
    case 'session/resume':
      return onSession(d, result, line);
    case 'session/prompt': {
      const parsed = wire.prompted.safeParse(result);
      if (!parsed.success) malformed(d, 'answer to a prompt', line);
      return onPrompted(d, parsed.success ? parsed.data : { stopReason: 'malformed', usage: null });
    }
    case 'session/set_mode':
      return takeChosen(d, 'mode', request.value ?? '');
    case 'session/set_model':
      return takeChosen(d, 'model', request.value ?? '');
    case 'session/set_config_option': {
      const parsed = wire.configOptions.safeParse(result);
      if (parsed.success) takeOptions(d, parsed.data.configOptions);
      return tellOffers(d);
    }
  }
}

function onFailure(d: D, request: OpenRequest, error: Failure): void {
  const message = `The agent refused ${request.what}: ${error.message}`;
  if (request.what === 'session/prompt') {
    const cancelled = d.s.turn?.cancelling ?? false;
    return d.endTurn(cancelled ? 'cancelled' : 'failed', String(error.code), error.message);
  }
  if (d.s.life === 'starting') {
    d.fault('agent_start_failed', message);
    return d.giveUp('deaf');
  }
  d.fault('agent_request_failed', message);
}

function onInitialized(d: D, result: unknown, line: string): void {
  const parsed = wire.initialized.safeParse(result);
  if (!parsed.success || parsed.data.protocolVersion !== PROTOCOL_VERSION) {
    d.fault('agent_start_failed', `The agent does not speak version ${PROTOCOL_VERSION} of ACP.`, line);
    return d.giveUp('deaf');
  }
  const { agentInfo, agentCapabilities: can } = parsed.data;
  d.s.images = can?.promptCapabilities?.image ?? false;
  const canResume = can?.sessionCapabilities?.resume ?? false;
  const canLoad = can?.loadSession ?? false;
  d.s.resumes = canResume || canLoad;
  d.s.name = agentInfo ? { name: title(agentInfo.name), version: title(agentInfo.version ?? '') } : null;
  const { resume, cwd } = d.s;
  if (resume === null) return void ask(d, 'session/new', { cwd, mcpServers: servers(d.s) });
  if (!d.s.resumes) {
    d.fault('agent_start_failed', 'The agent cannot go on with an earlier session.');
    return d.giveUp('deaf');
  }
  d.s.session = resume.session;
  const load = canLoad && (resume.history === 'tell' || !canResume);
  d.s.replaying = load;
  d.s.muted = resume.history === 'known';
  ask(d, load ? 'session/load' : 'session/resume', {
    ...{ sessionId: resume.session, cwd },
    mcpServers: servers(d.s),
  });
}

function onSession(d: D, result: unknown, line: string): void {
  const parsed = wire.session.safeParse(result ?? {});
  const session = (parsed.success ? parsed.data.sessionId : undefined) ?? d.s.session;
  if (!parsed.success || session === null || session === '' || session.length > 256) {
    d.fault('agent_start_failed', 'The agent did not say which session it has begun.', line);
    return d.giveUp('deaf');
  }
  if (d.s.replaying) d.endTurn('done');
  // Some answer before they have told the past; what they tell until the first prompt belongs to it.
  d.s.replaying &&= !d.s.muted;
  d.s.session = session;
  d.s.life = 'ready';
  d.emit('agent.session', { session, resumes: d.s.resumes });
  const { name, version } = d.s.name ?? { name: '', version: '' };
  d.emit('agent.ready', { ...(name === '' ? {} : { name }), ...(version === '' ? {} : { version }) });
  takeOffers(d, parsed.data);
  const { mode, model } = d.s.want;
  if (mode !== null && mode !== d.s.modes?.current) choose(d, 'mode', mode);
  if (model !== null && model !== d.s.models?.current) choose(d, 'model', model);
}

const ENDS: Record<string, Exclude<TurnEnd, 'lost'>> = {
  end_turn: 'done',
  cancelled: 'cancelled',
  refusal: 'refused',
};

function onPrompted(
  d: D,
  { stopReason, usage }: Pick<ReturnType<typeof wire.prompted.parse>, 'stopReason' | 'usage'>,
): void {
  if (usage) {
    const tokens = {
      ...(usage.inputTokens == null ? {} : { input: usage.inputTokens }),
      ...(usage.outputTokens == null ? {} : { output: usage.outputTokens }),
      ...(usage.cachedReadTokens == null ? {} : { cacheRead: usage.cachedReadTokens }),
      ...(usage.cachedWriteTokens == null ? {} : { cacheWrite: usage.cachedWriteTokens }),
      ...(usage.thoughtTokens == null ? {} : { thought: usage.thoughtTokens }),
    };
    d.emit('usage.set', { turn: d.turn, tokens });
  }
  d.endTurn(Object.hasOwn(ENDS, stopReason) ? (ENDS[stopReason] ?? 'failed') : 'failed', stopReason);
}

function choose(d: D, what: 'mode' | 'model', value: string): void {
  const sessionId = d.s.session ?? '';
  const by = what === 'mode' ? d.s.modes : d.s.models;
  if (by === null) return d.refuse(what, 'bad_request', `This agent offers no choice of ${what}s.`);
  const sent =
    by.option !== null
      ? ask(d, 'session/set_config_option', { sessionId, configId: by.option, value })
      : what === 'mode'
        ? ask(d, 'session/set_mode', { sessionId, modeId: value }, value)
        : ask(d, 'session/set_model', { sessionId, modelId: value }, value);
  if (!sent) d.refuse(what, 'agent_not_ready', 'Too much was asked of the agent that it has not answered.');
}
