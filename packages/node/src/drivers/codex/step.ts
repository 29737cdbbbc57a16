/** The steps for the app-server of Codex (A1, A2): the thread's beginning, turns, approvals. */
import { MAX_WAIT_S } from '@skein/protocol/tools/limits';
import { cut, ident, payload, title } from '../bounds.ts';
import { askApproval, type CallNews, tellCall } from '../calls.ts';
import type { Draft } from '../draft.ts';
import type { PromptPart } from '../driver.ts';
import { type Failure, INVALID_PARAMS, METHOD_NOT_FOUND, Rpc, type Told, told } from '../jsonrpc.ts';
import { makeDriver } from '../make.ts';
import type { OpenApproval, OpenRequest } from '../state.ts';
import { TOOLS_NAME, toolsCommand } from '../tools.ts';
import { ABOUT_TOOL, answerAboutTool, askAboutTool, ELICITATION } from './elicitation.ts';
import { tellHistory } from './history.ts';
import { commandNews } from './items.ts';
import { ASKS, letsUnasked, MODE_CHOICES, modeOf, policyIn, policyOf } from './modes.ts';
import { freshTurn, knowTurn, news } from './news.ts';
import { CODEX_VERSION, type CodexState, initial } from './state.ts';
import * as wire from './wire.ts';

type D = Draft<CodexState>;
const rpc = new Rpc<CodexState>();
/** Characters of JSON of permissions that were asked for; more is not remembered, and can only be denied. */
const MAX_PERMISSIONS = 16 * 1024;
/** Characters of the words that go with a no. */
const MAX_WORDS = 64 * 1024;
/** Seconds that it waits for a tool of ours: longer than any of them waits. */
const TOOL_S = MAX_WAIT_S + 300;

export const codex = makeDriver<CodexState>({
  name: 'codex',
  version: CODEX_VERSION,
  args: ({ tools }) => ['app-server', ...(tools === undefined ? [] : toolsConfig(tools))],
  initial,
  begin: (d, spec) => {
    rpc.request(d, 'initialize', {
      clientInfo: { ...spec.client, title: null },
      capabilities: { experimentalApi: false, requestAttestation: false },
    });
  },
  message: (d, message, line) => {
    const what = told(message);
    if (what === undefined) d.fault('agent_bad_message', 'The agent sent what is not JSON-RPC.', line);
    else onTold(d, what, line);
    interrupt(d);
  },
  prompt: (d, parts) => {
    freshTurn(d);
    const mode = modeOf(d.s.mode);
    const approvalPolicy = d.s.asks === true ? ASKS : mode?.approvalPolicy;
    rpc.request(d, 'turn/start', {
      threadId: d.s.session,
      input: parts.map(input),
      ...(d.s.model === null ? {} : { model: d.s.model }),
      ...(approvalPolicy === undefined ? {} : { approvalPolicy }),
      ...(mode === undefined ? {} : { sandboxPolicy: policyOf(mode.sandbox) }),
    });
  },
  cancel: interrupt,
  answer,
  drop: refuse,
  choose: (d, what, value) => {
    // Codex is told with the next turn; there is nothing that it could answer.
    if (what === 'mode' && modeOf(value) === undefined)
      return d.refuse('mode', 'bad_request', 'Codex has no such mode.');
    d.s[what] = cut(value, 256);
    tellOffers(d);
  },
});

/** Its configuration as arguments, in TOML, whose texts and lists are those of JSON. */
function toolsConfig(script: string): string[] {
  const { command, args } = toolsCommand(script);
  const settings = { command, args, tool_timeout_sec: TOOL_S };
  return Object.entries(settings).flatMap(([key, value]) => [
    '-c',
    `mcp_servers.${TOOLS_NAME}.${key}=${JSON.stringify(value)}`,
  ]);
}

/** Asks for the running turn to be stopped, once its id is known. */
function interrupt(d: D): void {
  const { turn, running, interrupted, session } = d.s;
  if (turn === null || !turn.cancelling || running === null || interrupted) return;
  d.s.interrupted = rpc.request(d, 'turn/interrupt', { threadId: session, turnId: running });
}

function input(part: PromptPart): unknown {
  if (part.type === 'text') return { type: 'text', text: part.text, text_elements: [] };
  if (part.type === 'image') return { type: 'image', url: `data:${part.mime};base64,${part.data}` };
  return { type: 'mention', name: part.path.slice(part.path.lastIndexOf('/') + 1), path: part.path };
}

function onTold(d: D, what: Told, line: string): void {
  switch (what.type) {
    case 'notification': {
      const about = wire.thread.safeParse(what.params);
      // Threads of subordinate agents are the agent's own business.
      const foreign =
        about.success && about.data.threadId !== undefined && about.data.threadId !== d.s.session;
      const known = Object.hasOwn(news, what.method) ? news[what.method] : undefined;
      if (known === undefined || (foreign && d.s.session !== null)) d.note(what.method, line);
      else if (!known(d, what.params, line)) malformed(d, what.method, line);
      return;
    }
    case 'request':
      return onRequest(d, what.id, what.method, what.params, line);
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

function malformed(d: D, what: string, line: string): void {
  d.fault('agent_bad_message', `The agent sent a ${title(what)} that is malformed.`, line);
}

const APPROVALS = ['command', 'change', 'permissions'] as const;
type About = (typeof APPROVALS)[number];
const QUESTIONS: Record<string, About> = {
  'item/commandExecution/requestApproval': 'command',
  'item/fileChange/requestApproval': 'change',
  'item/permissions/requestApproval': 'permissions',
};

function onRequest(d: D, id: string | number, method: string, params: unknown, line: string): void {
  if (method === ELICITATION) {
    if (askAboutTool(d, id, params)) return;
    d.note(method, line);
    return rpc.respond(d, id, answerAboutTool('decline', false));
  }
  const about = Object.hasOwn(QUESTIONS, method) ? QUESTIONS[method] : undefined;
  if (about === undefined) {
    d.note(method, line);
    return rpc.respondError(d, id, METHOD_NOT_FOUND, `This client has no method ${title(method)}.`);
  }
  const parsed = wire.approval.safeParse(params);
  if (!parsed.success) {
    malformed(d, method, line);
    return rpc.respondError(d, id, INVALID_PARAMS, 'This request is malformed.');
  }
  const { itemId, reason, permissions } = parsed.data;
  const told = questionNews(about, parsed.data);
  tellCall(d, itemId, told);
  const paths = d.s.calls.find((one) => one.call === ident(itemId))?.paths ?? [];
  const { cwd, asks } = d.s;
  const lets = asks ? letsUnasked(policyIn(d.s), about, { paths, cwd, reason: Boolean(reason) }) : undefined;
  const wanted = about === 'permissions' ? JSON.stringify(permissions ?? {}) : '';
  const asked =
    wanted.length <= MAX_PERMISSIONS &&
    askApproval(d, {
      request: id,
      call: itemId,
      // What Codex takes a command for is what it is about to people; whoever answers answers a command.
      news: about === 'command' ? { ...told, kind: 'execute' } : told,
      ...(reason ? { reason } : {}),
      ...(lets === undefined ? {} : { lets }),
      options: [
        { id: 'accept', kind: 'allow_once', label: 'Allow' },
        { id: 'acceptForSession', kind: 'allow_always', label: 'Allow for this session' },
        { id: 'decline', kind: 'deny_once', label: 'Deny' },
      ],
      stays: true,
      extra: { about, wanted },
    });
  if (!asked) rpc.respond(d, id, about === 'permissions' ? nothingGranted() : { decision: 'decline' });
}

function questionNews(about: About, asked: wire.Approval): CallNews {
  if (about === 'command' && asked.command)
    return commandNews(asked.command, asked.cwd, asked.commandActions ?? []);
  if (about === 'permissions')
    return { kind: 'other', title: 'More permissions', input: payload(asked.permissions ?? {}) };
  return about === 'change' ? { kind: 'edit' } : { kind: 'execute' };
}

const nothingGranted = () => ({ permissions: {}, scope: 'turn' });

function answer(d: D, question: OpenApproval, option: string, allowed: boolean, reason?: string): void {
  const { about, wanted } = question.extra as { about: About | typeof ABOUT_TOOL; wanted: string };
  if (!allowed && reason !== undefined) steer(d, reason);
  if (about === ABOUT_TOOL) return rpc.respond(d, question.request, answerAboutTool(option, allowed));
  if (about !== 'permissions') return rpc.respond(d, question.request, { decision: option });
  const scope = option === 'acceptForSession' ? 'session' : 'turn';
  rpc.respond(d, question.request, allowed ? { permissions: JSON.parse(wanted), scope } : nothingGranted());
}

function refuse(d: D, question: OpenApproval): void {
  answer(d, question, 'decline', false);
}

/** A no has no words in this protocol. They go before it into the running turn, so that its model reads both together. */
function steer(d: D, words: string): void {
  const { turn, running, session } = d.s;
  if (turn === null || turn.cancelling || running === null) return;
  const text = { type: 'text', text: cut(words, MAX_WORDS), text_elements: [] };
  rpc.request(d, 'turn/steer', { threadId: session, expectedTurnId: running, input: [text] });
}

function onResult(d: D, request: OpenRequest, result: unknown, line: string): void {
  switch (request.what) {
    case 'initialize': {
      const parsed = wire.initialized.safeParse(result);
      const agent = parsed.success ? parsed.data.userAgent : null;
      // Its user agent is our own name, a slash, its version, and what it runs on.
      d.s.agent = agent?.match(/\/([\w.-]{1,64})/)?.[1] ?? null;
      rpc.notify(d, 'initialized');
      return beginThread(d);
    }
    case 'thread/start':
    case 'thread/resume':
      return onThread(d, result, line);
    case 'turn/start': {
      const parsed = wire.turnBegun.safeParse(result);
      if (parsed.success) return knowTurn(d, parsed.data.turn.id);
      return malformed(d, 'answer to turn/start', line);
    }
    case 'model/list': {
      const parsed = wire.modelList.safeParse(result);
      if (!parsed.success) return malformed(d, 'list of models', line);
      d.s.models = parsed.data.data.slice(0, 64).map(({ model, displayName, description }) => ({
        id: cut(model, 256),
        name: title(displayName ?? model),
        ...(description ? { description: title(description).slice(0, 200) } : {}),
      }));
      return tellOffers(d);
    }
  }
}

function onFailure(d: D, request: OpenRequest, error: Failure): void {
  // The turn has ended meanwhile.
  if (request.what === 'turn/steer') return;
  const message = `The agent refused ${request.what}: ${error.message}`;
  if (d.s.life === 'starting') {
    d.fault('agent_start_failed', message);
    return d.giveUp('deaf');
  }
  if (request.what === 'turn/start') return d.endTurn('failed', String(error.code), error.message);
  d.fault('agent_request_failed', message);
}

function beginThread(d: D): void {
  const { resume, cwd, model } = d.s;
  const { approvalPolicy, sandbox } = policyIn(d.s);
  const common = {
    cwd,
    ...(model === null ? {} : { model }),
    ...policies(d.s.asks === true ? ASKS : approvalPolicy, sandbox),
  };
  if (resume === null) rpc.request(d, 'thread/start', common);
  else
    rpc.request(d, 'thread/resume', {
      threadId: resume.session,
      ...common,
      ...(resume.history === 'known' ? { excludeTurns: true } : {}),
    });
}

function policies(approvalPolicy: string | null | undefined, sandbox: string | null | undefined): object {
  return { ...(approvalPolicy ? { approvalPolicy } : {}), ...(sandbox ? { sandbox } : {}) };
}

function onThread(d: D, result: unknown, line: string): void {
  const parsed = wire.threadBegun.safeParse(result);
  if (!parsed.success || parsed.data.thread.id.length > 256) {
    d.fault('agent_start_failed', 'The agent did not say which thread it has begun.', line);
    return d.giveUp('deaf');
  }
  const { thread, model } = parsed.data;
  d.s.session = thread.id;
  d.emit('agent.session', { session: thread.id, resumes: true });
  if (d.s.resume?.history === 'tell') tellHistory(d, thread.turns ?? []);
  d.s.model ??= model ? cut(model, 256) : null;
  d.s.life = 'ready';
  d.emit('agent.ready', { name: 'Codex', ...(d.s.agent === null ? {} : { version: d.s.agent }) });
  tellOffers(d);
  rpc.request(d, 'model/list', { limit: 64 });
}

function tellOffers(d: D): void {
  d.emit('agent.offers', {
    modes: { current: d.s.mode, list: MODE_CHOICES },
    models: { current: d.s.model, list: d.s.models },
  });
}
