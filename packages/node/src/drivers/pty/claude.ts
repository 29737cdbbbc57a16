/** What Claude Code's hooks mean (rule A1). They may come late, twice, in any order, or not at all. */
import { cut, ident, payload, title as titled } from '../bounds.ts';
import { askApproval, type CallNews, finishCall, tellCall } from '../calls.ts';
import { newsOf, outputOf, planOf } from '../claude/tools.ts';
import type { OpenApproval } from '../state.ts';
import { type ClaudeHook, type ClaudeHooks, claudeHooks } from './reports.ts';
import { beginTurn, type D, endTurn, replyTo, settle, withdraw } from './turns.ts';

/** Bytes of its permission suggestions that are remembered until they are answered. */
const MAX_RULES = 16 * 1024;
/** Calls of a turn that are known by their questions alone. */
const MAX_UNNAMED = 16;

type Takers = { [K in ClaudeHook]: (d: D, data: ClaudeHooks[K], id: string, waits: boolean) => void };

const takers: Takers = {
  SessionStart: (d, { session_id, model }) => {
    ready(d);
    const session = cut(session_id, 256);
    if (d.s.session !== session) {
      d.s.session = session;
      d.emit('agent.session', { session, resumes: true });
    }
    if (model) d.emit('agent.offers', { models: { current: cut(model, 256), list: [] } });
  },
  UserPromptSubmit: (d, { prompt_id, prompt }) => {
    ready(d);
    const theirs = named(prompt_id);
    if (theirs !== null && (theirs === d.s.theirs || d.s.over.includes(theirs))) return;
    if (d.s.turn !== null && !d.s.taken) {
      d.s.taken = true;
      d.s.theirs = theirs;
      return;
    }
    // It tells nobody that a turn was interrupted; another prompt says it.
    if (d.s.turn !== null) endTurn(d, 'cancelled', 'interrupted');
    beginTurn(d, theirs);
    if (prompt) {
      d.say('message', prompt, { from: 'user' });
      d.closeItem();
    }
  },
  PreToolUse: (d, { tool_use_id, tool_name, tool_input, prompt_id }) => {
    inTurn(d, prompt_id);
    const news = newsOf(tool_name, tool_input);
    tellCall(d, callFor(d, tool_use_id, news), news);
    const entries = planOf(tool_name, tool_input);
    if (entries !== undefined) d.emit('plan.set', { turn: d.turn, entries });
  },
  PermissionRequest: (d, { tool_name, tool_input, permission_suggestions, prompt_id }, id, waits) => {
    inTurn(d, prompt_id);
    const news = newsOf(tool_name, tool_input);
    const known = running(d, news);
    const call = known ?? id;
    if (known === undefined) d.s.unnamed = [...d.s.unnamed, ident(id)].slice(-MAX_UNNAMED);
    tellCall(d, call, news);
    const rules = JSON.stringify(permission_suggestions ?? []);
    const always = (permission_suggestions?.length ?? 0) > 0 && rules.length <= MAX_RULES;
    const asked =
      waits &&
      askApproval(d, {
        request: id,
        call,
        news,
        options: [
          { id: 'allow', kind: 'allow_once', label: 'Allow' },
          ...(always ? [{ id: 'always', kind: 'allow_always' as const, label: 'Allow from now on' }] : []),
          { id: 'deny', kind: 'deny_once', label: 'Deny' },
        ],
        extra: { rules: always ? rules : null },
      });
    // The question stands in the terminal too: there it can be answered.
    if (!asked) replyTo(d, id, '');
    settle(d);
  },
  PostToolUse: (d, { tool_use_id, tool_name, tool_input, tool_response }) => {
    finish(d, tool_use_id, newsOf(tool_name, tool_input), 'done', outputOf(tool_response));
  },
  PostToolUseFailure: (d, { tool_use_id, tool_name, tool_input, error }) => {
    finish(d, tool_use_id, newsOf(tool_name, tool_input), 'failed', error ?? '');
  },
  Notification: (d, { message }) => d.note('hook:Notification', message ?? ''),
  Stop: (d, { prompt_id, last_assistant_message }) => {
    if (isPast(d, prompt_id)) return;
    if (last_assistant_message) say(d, last_assistant_message);
    endTurn(d, d.s.turn?.cancelling ? 'cancelled' : 'done');
  },
  StopFailure: (d, { prompt_id, error, last_assistant_message }) => {
    if (isPast(d, prompt_id)) return;
    endTurn(d, 'failed', error ?? undefined, last_assistant_message ?? error ?? 'It failed.');
  },
  SessionEnd: (d, { reason }) => {
    if (d.s.turn !== null) endTurn(d, 'cancelled', reason ?? undefined);
  },
};

/** Takes what a hook reports; false when it is of no hook that is known. */
export function onClaudeHook(d: D, hook: string, data: unknown, id: string, waits: boolean): boolean {
  if (!Object.hasOwn(takers, hook)) return false;
  const name = hook as ClaudeHook;
  const parsed = claudeHooks[name].safeParse(data);
  if (parsed.success)
    (takers[name] as (d: D, data: unknown, id: string, w: boolean) => void)(d, parsed.data, id, waits);
  else {
    d.fault('agent_bad_message', `What the hook ${name} told is malformed.`, JSON.stringify(data));
    if (waits) replyTo(d, id, '');
  }
  return true;
}

/** What its hook prints for an answer that somebody gave. */
export function claudeAnswer(
  question: OpenApproval,
  option: string,
  allowed: boolean,
  message: string,
): string {
  const { rules } = question.extra as { rules: string | null };
  const always = option === 'always' && rules !== null;
  const decision = allowed
    ? { behavior: 'allow', ...(always ? { updatedPermissions: JSON.parse(rules) } : {}) }
    : { behavior: 'deny', message };
  return JSON.stringify({ hookSpecificOutput: { hookEventName: 'PermissionRequest', decision } });
}

function ready(d: D): void {
  if (d.s.life !== 'starting') return;
  d.s.life = 'ready';
  d.emit('agent.ready', { name: 'Claude Code' });
}

/** What only happens in a turn: one that was not told of has begun, unless it is of one that is over. */
function inTurn(d: D, prompt: string | null | undefined): void {
  ready(d);
  const theirs = named(prompt);
  if (d.s.turn === null) {
    if (theirs !== null && d.s.over.includes(theirs)) return;
    return beginTurn(d, theirs);
  }
  d.s.taken = true;
  d.s.theirs ??= theirs;
}

/** Whether the end of a turn is of one that is over, or of none. */
function isPast(d: D, prompt: string | null | undefined): boolean {
  ready(d);
  if (d.s.turn === null) return true;
  const theirs = named(prompt);
  d.s.theirs ??= theirs;
  return theirs !== null && d.s.theirs !== theirs;
}

const named = (prompt: string | null | undefined) => (prompt ? ident(prompt) : null);

function say(d: D, text: string): void {
  d.say('message', text);
  d.closeItem();
}

/** The call of these words that was announced last and still runs. Of an earlier turn's no end may ever be told. */
function running(d: D, { title = '', paths }: CallNews, among?: readonly string[]): string | undefined {
  return d.s.calls.findLast(
    (one) =>
      !one.finished &&
      one.turn === d.turn &&
      one.title === titled(title) &&
      (paths?.[0] === undefined || one.paths.includes(paths[0])) &&
      (among === undefined || among.includes(one.call)),
  )?.call;
}

/** The name under which a call is known here: its own, or that of the question by which it was first heard of. */
function callFor(d: D, call: string, news: CallNews): string {
  if (d.s.calls.some((one) => one.call === ident(call))) return call;
  return running(d, news, d.s.unnamed) ?? call;
}

function finish(d: D, id: string, news: CallNews, end: 'done' | 'failed', output: unknown): void {
  ready(d);
  const call = callFor(d, id, news);
  // One that ran was allowed by somebody at the terminal, if nobody has answered its question elsewhere.
  for (const { request } of d.s.approvals.filter((one) => one.call === ident(call))) withdraw(d, request);
  finishCall(d, call, end, { ...news, output: payload(output) });
  settle(d);
}
