/**
 * A session's decisions about what it hears of its agents on other machines (rules X2, X3): what they did, copied exactly once; how their
 * leases fare; whether they can be reached. Pure.
 */
import { ofRun } from '@skein/protocol/agents/reduce';
import type { AgentState } from '@skein/protocol/agents/state';
import { SkeinError } from '@skein/protocol/errors';
import { type Copy, copyOf } from '@skein/protocol/machines/copied';
import type { FarEvents } from '@skein/protocol/machines/events';
import type { Far } from '@skein/protocol/machines/far';
import { MAX_FAR_APPROVALS, MAX_HOME_ASK, MAX_HOME_ASKS, MAX_UNHEARD } from '@skein/protocol/machines/limits';
import { who } from '@skein/protocol/members/who';
import type { StoredEvent } from '@skein/protocol/sessions/events';
import type { SessionState } from '@skein/protocol/sessions/state';
import { notRunning } from '../../agents/find.ts';
import type { DecideContext, Decision, EffectOutcome, NewEvent } from '../../kernel/types.ts';
import { type FarAnswer, type FarCommands, type GiveFar, giveFar, type PlacedFar } from './far-words.ts';
import { after, farOf, giving, told } from './telling.ts';

type Internal = {
  [K in keyof FarCommands]: (state: SessionState, body: FarCommands[K], ctx: DecideContext) => Decision;
};

export const farInternal: Internal = {
  'far.copy': (state, body, ctx) => giving(state, body.agent, copy(state, body, ctx), ctx),
  'far.lease': (state, body) => {
    if (known(state, body.agent).unleased !== null) throw gone('It is another that commands it.');
    return { events: [{ type: 'far.leasing', body }] };
  },
  'far.got': (state, { agent, epoch, taker, heard }, ctx) => {
    const { taker: asked, epoch: last, wish } = known(state, agent);
    if (asked !== taker || last !== epoch) throw gone('Another lease was asked for meanwhile.');
    const leased = { type: 'far.leased', body: { agent, epoch, heard } };
    if (wish === null) return giving(state, agent, { events: [leased] }, ctx);
    const next = told(after(state, [leased], ctx), agent, wish.type, wish.body);
    return giving(state, agent, { events: [leased, next] }, ctx);
  },
  'far.lost': (state, { agent, was, epoch, why, vanished }) => {
    const far = known(state, agent);
    const { run } = state.agents[agent] ?? {};
    const lost =
      vanished && run?.ended === false ? [{ type: 'agent.lost', body: { agent, run: run.run, why } }] : [];
    if (far.unleased !== null || far.epoch !== was) return { events: lost };
    return { events: [{ type: 'far.unleased', body: { agent, epoch, why } }, ...lost] };
  },
  'far.gap': (state, body, ctx) => {
    known(state, body.agent);
    const gap = { type: 'far.gap', body };
    return { events: [gap, ...takenBack(after(state, [gap], ctx), body.agent)] };
  },
  'far.link': (state, body, ctx) => {
    const { link } = known(state, body.agent);
    return link === body.link ? {} : giving(state, body.agent, { events: [{ type: 'far.link', body }] }, ctx);
  },
};

function known(state: SessionState, agent: string): Far {
  const far = farOf(state, agent);
  if (far === undefined) throw gone('That agent is not there any more.');
  return far;
}

function gone(message: string): SkeinError {
  return new SkeinError('gone', message);
}

/**
 * The prompt that it was handed and has not begun with may have been lost there: it is taken back. What comes of that is told behind all that is
 * known of it there, so that it is neither waited for for ever nor handed over twice.
 */
function takenBack(state: SessionState, agent: string): NewEvent[] {
  const { given, unheard, unleased } = known(state, agent);
  const waits = state.agents[agent]?.queue.some(({ prompt }) => prompt === given) ?? false;
  const toTell = unheard.some(({ type }) => type === 'prompt.queue');
  if (!waits || toTell || unleased !== null || unheard.length >= MAX_UNHEARD) return [];
  return [told(state, agent, 'prompt.cancel', { agent, prompt: given })];
}

/** How asking the worker to admit it has ended. */
export function placedOutcome(state: SessionState, effect: EffectOutcome): Decision {
  const agent = ofRun(state, effect.id)?.agent;
  const far = agent === undefined ? undefined : farOf(state, agent);
  if (agent === undefined || far === undefined) return admittedInVain(effect);
  if (far.session !== null) return {};
  if (effect.status === 'done') {
    const { peer: _, ...placed } = { ...(effect.value as PlacedFar), agent };
    return {
      events: [
        { type: 'far.placed', body: placed },
        { type: 'far.leased', body: { agent, epoch: 1, heard: 0 } },
        { type: 'far.link', body: { agent, link: 'up' } },
      ],
    };
  }
  const { code, message } =
    effect.status === 'failed'
      ? effect.error
      : { code: 'host_lost', message: 'It is not known whether it was admitted.' };
  const failed = { agent, run: effect.id, code, message: message.slice(0, 900) };
  return {
    events: [
      { type: 'agent.failed', body: failed },
      { type: 'far.link', body: { agent, link: 'ended', why: failed.message } },
    ],
  };
}

/** It was removed here before its machine had admitted it: its lease is given back, which ends it there. */
function admittedInVain(effect: EffectOutcome): Decision {
  if (effect.status !== 'done') return {};
  const { peer, agent, session } = effect.value as PlacedFar;
  const body: GiveFar = { peer, agent, session, epoch: 1, n: 1 };
  return { tell: [giveFar(body)] };
}

function copy(
  state: SessionState,
  { agent, epoch, from, events, answers }: FarCommands['far.copy'],
  ctx: DecideContext,
): Decision {
  const { cursor } = known(state, agent);
  const next = cursor === null ? from === 0 : cursor.epoch === epoch && cursor.offset === from;
  if (!next) throw gone('That was copied already.');
  const told: NewEvent[] = [];
  let now = state;
  const add = (more: NewEvent[]) => {
    now = after(now, more, { ...ctx, offset: ctx.offset + told.length });
    told.push(...more);
  };
  let last = from;
  for (const [i, event] of events.entries()) {
    const offset = from + 1 + i;
    const made = copyOf(agent, event);
    if (made === undefined || !belongs(now, agent, made, event)) continue;
    const refused = refusedBy(now, agent, made);
    const copied = { at: timeOf(event, ctx.now), source: { agent, epoch, offset, by: event.by } };
    add([{ ...made, copied }, ...refused]);
    last = offset;
  }
  for (const answer of answers) add(answered(now, agent, answer));
  const to = from + events.length;
  if (last !== to) add([{ type: 'far.copied', body: { agent, epoch, offset: to } }]);
  return { events: told };
}

/** The farthest that a clock can be told from 1970, in milliseconds. */
const MAX_TIME = 8.64e15;

/** When that machine says that it was; now, where it says what is no time. */
function timeOf({ at }: { at: unknown }, now: number): number {
  return typeof at === 'number' && Number.isInteger(at) && Math.abs(at) <= MAX_TIME ? at : now;
}

/** Whether it is this agent's to tell, and news. */
function belongs(state: SessionState, agent: string, { type, body }: Copy, event: StoredEvent): boolean {
  const { run, approval } = body as { run?: unknown; approval?: unknown };
  if (typeof run === 'string') {
    const whose = ofRun(state, run)?.agent;
    if (whose !== undefined && whose !== agent) return false;
  }
  const open =
    typeof approval === 'string' && Object.hasOwn(state.approvals, approval)
      ? state.approvals[approval]
      : undefined;
  if (open !== undefined && open.agent !== agent) return false;
  const { run: present, life, queue = [] } = state.agents[agent] ?? {};
  switch (type) {
    case 'agent.starting':
      // That its first run is to start was told when it was added.
      return !(life === 'starting' && present?.run === run);
    case 'approval.asked':
      return open !== undefined || openOf(state, agent) < MAX_FAR_APPROVALS;
    case 'approval.answered':
      // What home has answered it knows.
      return open !== undefined && open.answered === null && who.safeParse(event.by).data?.kind === 'node';
    case 'far.asked': {
      // A machine that keeps its own bounds asks no more than that.
      const { ask, body: asked } = body as FarEvents['far.asked'];
      const { asks = [] } = farOf(state, agent) ?? {};
      const room = asks.length < MAX_HOME_ASKS && asks.every((one) => one.ask !== ask);
      return room && charactersOf(asked) <= MAX_HOME_ASK;
    }
    case 'prompt.cancelled': {
      const { prompt } = body as { prompt: string };
      return farOf(state, agent)?.given === prompt && queue.some((one) => one.prompt === prompt);
    }
    default:
      return true;
  }
}

function openOf({ approvals }: SessionState, agent: string): number {
  return Object.values(approvals).filter((one) => one.agent === agent).length;
}

/** As JSON; of what cannot be said so there is no end. */
function charactersOf(asked: unknown): number {
  try {
    return JSON.stringify(asked ?? null).length;
  } catch {
    return Infinity;
  }
}

/** Which of an agent's inputs a command is, where the agent's own refusal of it would be told too. */
const INPUTS: Record<string, string> = {
  'prompt.queue': 'prompt',
  'turn.cancel': 'cancel',
  'approval.answer': 'answer',
  'agent.mode': 'mode',
  'agent.model': 'model',
};

/**
 * What follows from something that was told and refused: it is said as the agent's own refusals are, and a prompt waits no longer,
 * unless the agent had ended before: then the prompt waits for its next run, as one does that had not been told.
 */
function refusedBy(state: SessionState, agent: string, { type, body }: Copy): NewEvent[] {
  if (type !== 'far.heard') return [];
  const { n, error } = body as FarEvents['far.heard'];
  const what = farOf(state, agent)?.unheard.find((one) => one.n === n);
  if (error !== undefined && what?.type === 'prompt.cancel') return lostThere(state, agent, what.body);
  const input = INPUTS[what?.type ?? ''];
  const run = state.agents[agent]?.run?.run;
  if (error === undefined || input === undefined || run === undefined) return [];
  // That of the worker's policy came first, and is told.
  if (error.code === 'already_answered') return [];
  const { prompt, approval } = (what?.body ?? {}) as { prompt?: string; approval?: string };
  const id = prompt ?? approval;
  const refused = { run, input, ...(id === undefined ? {} : { id }), ...error };
  const waits = state.agents[agent]?.queue.some((one) => one.prompt === prompt) ?? false;
  const ended = error.code === 'not_running';
  if (ended && waits) return [];
  const { message } = ended ? notRunning(state, state.agents[agent] as AgentState) : error;
  return [
    { type: 'agent.refused', body: { ...refused, message } },
    ...(prompt !== undefined && waits ? [{ type: 'prompt.cancelled', body: { agent, prompt } }] : []),
  ];
}

/** What was taken back is not there, and was not begun with either. */
function lostThere(state: SessionState, agent: string, body: unknown): NewEvent[] {
  const { prompt } = body as { prompt: string };
  const { queue = [], run } = state.agents[agent] ?? {};
  if (run === null || run === undefined || !queue.some((one) => one.prompt === prompt)) return [];
  const message =
    'Its machine has lost a part of its log, and with it this prompt: look whether it was done, and say it again if not.';
  const refused = { run: run.run, input: 'prompt', id: prompt, code: 'gone', message };
  return [
    { type: 'agent.refused', body: refused },
    { type: 'prompt.cancelled', body: { agent, prompt } },
  ];
}

/** An answer of home's policies: as if somebody had given it. */
function answered(state: SessionState, agent: string, { approval, option, ...rest }: FarAnswer): NewEvent[] {
  const open = Object.hasOwn(state.approvals, approval) ? state.approvals[approval] : undefined;
  if (open === undefined || open.answered !== null || open.agent !== agent) return [];
  const { unleased, unheard } = known(state, agent);
  // Then people are asked: what cannot be told must not keep what has come from being copied.
  if (unleased !== null || unheard.length >= MAX_UNHEARD) return [];
  const why = rest.reason === undefined ? {} : { reason: rest.reason };
  return [
    { type: 'approval.answered', body: { agent, approval, option, ...rest } },
    told(state, agent, 'approval.answer', { approval, answer: { option }, always: false, ...why }),
  ];
}
