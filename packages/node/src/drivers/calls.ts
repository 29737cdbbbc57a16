/** Tool calls and approvals, whatever the agent calls them, and even when it never announced them. */
import type { AgentEvents, ApprovalOption, OptionKind } from '@skein/protocol/agents/events';
import { MAX_APPROVAL_OPTIONS } from '@skein/protocol/agents/limits';
import { cutText, hashText, ident, paths, title } from './bounds.ts';
import type { Draft } from './draft.ts';
import { sameOf } from './same.ts';
import { type BaseState, type KnownCall, MAX_APPROVALS, MAX_CALLS, type OpenApproval } from './state.ts';

/** What is known of a call now. Absent parts stay as they were. */
export type CallNews = Partial<
  Pick<
    AgentEvents['tool.updated'],
    'parent' | 'name' | 'kind' | 'title' | 'paths' | 'input' | 'output' | 'diffs'
  >
>;

/** Announces a call the first time that it is heard of, and updates it afterwards if there is anything new. */
export function tellCall<S extends BaseState>(d: Draft<S>, id: string, news: CallNews): KnownCall {
  const call = ident(id);
  const known = d.s.calls.find((one) => one.call === call);
  const told = bounded(news);
  if (known === undefined) return announce(d, call, told);
  known.kind = told.kind ?? known.kind;
  known.title = told.title ?? known.title;
  known.paths = told.paths ?? known.paths;
  if (isNews(known, told)) d.emit('tool.updated', { turn: known.turn, call, ...told });
  return known;
}

/** The end of a call. One that was denied has not simply failed. */
export function finishCall<S extends BaseState>(
  d: Draft<S>,
  id: string,
  end: 'done' | 'failed',
  news: CallNews = {},
): void {
  const call = ident(id);
  const before = d.s.calls.find((one) => one.call === call);
  if (before?.finished) {
    tellCall(d, id, news);
    return;
  }
  const known = before ?? announce(d, call, bounded(news));
  // What it was about is over; some agents take the question back later than this.
  if (d.s.turn?.cancelling)
    for (const open of d.s.approvals.filter((one) => one.call === call)) withdrawApproval(d, open.request);
  known.finished = true;
  const told = before === undefined ? {} : bounded(news);
  d.emit('tool.finished', {
    turn: known.turn,
    call,
    ...told,
    end: end === 'done' ? end : known.denied ? 'denied' : d.s.turn?.cancelling ? 'cancelled' : end,
  });
}

const heardOf = (told: CallNews) => hashText(0, JSON.stringify(told));

/** Agents repeat themselves: as they ask for permission, or with every piece of output. */
function isNews(known: KnownCall, told: CallNews): boolean {
  if (!Object.keys(told).some((part) => part !== 'parent')) return false;
  const heard = heardOf(told);
  const news = heard !== known.heard;
  known.heard = heard;
  return news;
}

function announce<S extends BaseState>(d: Draft<S>, call: string, told: CallNews): KnownCall {
  const named = {
    kind: told.kind ?? 'other',
    title: told.title ?? told.name ?? call,
    paths: told.paths ?? [],
  };
  const known: KnownCall = {
    call,
    turn: d.turn,
    ...named,
    finished: false,
    denied: false,
    heard: heardOf(told),
  };
  if (d.s.calls.length >= MAX_CALLS) {
    const gone = d.s.calls.find((one) => one.finished) ?? d.s.calls[0];
    d.s.calls = d.s.calls.filter((one) => one !== gone);
  }
  // What was being said is over: a call stands after it.
  d.closeItem();
  d.s.calls.push(known);
  d.emit('tool.announced', { turn: known.turn, call, ...told, ...named });
  return known;
}

function bounded(news: CallNews): CallNews {
  const out = { ...news };
  if (news.parent !== undefined) out.parent = ident(news.parent);
  if (news.name !== undefined) out.name = title(news.name);
  if (news.title !== undefined) out.title = title(news.title);
  if (news.paths !== undefined) out.paths = paths(news.paths);
  return out;
}

export interface Question {
  /** The id of the agent's request. */
  request: string | number;
  call: string;
  news: CallNews;
  reason?: string | undefined;
  lets?: AgentEvents['approval.asked']['lets'];
  options: ApprovalOption[];
  /** Its agent may ask for one that works in the background, and says itself when it waits no more. */
  stays?: true;
  extra?: unknown;
}

/** Asks people about a call. False when too many questions are open, which is told: the driver has to say no by itself. */
export function askApproval<S extends BaseState>(d: Draft<S>, question: Question): boolean {
  const options = question.options
    .slice(0, MAX_APPROVAL_OPTIONS)
    .map(({ id, kind, label }) => ({ id: ident(id), kind, label: title(label) }));
  if (options.length === 0) return false;
  if (d.s.approvals.length >= MAX_APPROVALS) {
    const name = question.news.title ?? question.call;
    d.fault('limit_reached', `${MAX_APPROVALS} questions are open at most, so it was told no about: ${name}`);
    return false;
  }
  const known = tellCall(d, question.call, {});
  d.s.asked += 1;
  const approval = `${d.s.run}.a${d.s.asked}`;
  d.s.approvals.push({
    approval,
    request: question.request,
    call: known.call,
    options,
    ...(question.stays === undefined ? {} : { stays: question.stays }),
    extra: question.extra ?? null,
  });
  const { kind, title: name, paths: files } = known;
  const told = bounded(question.news);
  const same = sameOf({ ...question.news, kind: told.kind ?? kind });
  d.emit('approval.asked', {
    turn: known.turn,
    call: known.call,
    approval,
    ...told,
    kind: told.kind ?? kind,
    title: told.title ?? name,
    paths: told.paths ?? files,
    ...(same === undefined ? {} : { same }),
    ...(question.reason === undefined ? {} : { reason: cutText(question.reason).text }),
    ...(question.lets === undefined ? {} : { lets: question.lets }),
    options,
  });
  return true;
}

/** Takes away the question that an answer is for, and tells how it was answered. Undefined when it is not open. */
export function resolveApproval<S extends BaseState>(
  d: Draft<S>,
  approval: string,
  option: string,
): { question: OpenApproval; kind: OptionKind } | undefined {
  const question = d.s.approvals.find((one) => one.approval === approval);
  if (question === undefined) {
    d.refuse('answer', 'gone', 'This approval is not open any more.', approval);
    return undefined;
  }
  const chosen = question.options.find((one) => one.id === option);
  if (chosen === undefined) {
    d.refuse('answer', 'bad_request', 'This approval cannot be answered so.', approval);
    return undefined;
  }
  d.s.approvals = d.s.approvals.filter((one) => one !== question);
  const allowed = allows(chosen.kind);
  const known = d.s.calls.find((one) => one.call === question.call);
  if (known !== undefined && !allowed) known.denied = true;
  d.emit('approval.resolved', { approval, outcome: allowed ? 'allowed' : 'denied', option: chosen.id });
  return { question, kind: chosen.kind };
}

/** The agent takes its question back. */
export function withdrawApproval<S extends BaseState>(
  d: Draft<S>,
  request: unknown,
): OpenApproval | undefined {
  const question = d.s.approvals.find((one) => one.request === request);
  if (question === undefined) return undefined;
  d.s.approvals = d.s.approvals.filter((one) => one !== question);
  d.emit('approval.resolved', { approval: question.approval, outcome: 'withdrawn' });
  return question;
}

export const allows = (kind: OptionKind) => kind === 'allow_once' || kind === 'allow_always';
