/** What every decision of a session brings with it for its tasks and questions, in the same transaction (rules N3, N4). Pure. */
import type { NodeEvents } from '@skein/protocol/sessions/events';
import { reduceSession, type SessionState } from '@skein/protocol/sessions/state';
import { hasEnded } from '@skein/protocol/tasks/state';
import type { DecideContext, Decision, Effect, NewEvent } from '../kernel/types.ts';
import { farOf, giving } from '../machines/home/telling.ts';
import { questionsOver } from '../questions/decide.ts';
import { effectId, TASK_AGENT, TASK_CHECK, type TaskEffect } from './decide.ts';
import { nextStep } from './schedule.ts';

/** The session looks at its tasks and questions though nothing else has happened: a time has come. */
export const WORK_DUE = 'work.due';

/** What can make a difference to them; what agents say meanwhile cannot. */
const MATTERS = /^(task|question|agent|turn|prompt|far)\./;

/** More steps than this from one change are a mistake. */
const MOST_STEPS = 4_096;

/** A decision together with what follows of it. */
export function working(
  before: SessionState,
  decision: Decision,
  ctx: DecideContext,
  due: boolean,
): Decision {
  const events = decision.events ?? [];
  if (!due && !events.some(({ type }) => MATTERS.test(type))) return decision;
  if (
    !hasWork(before) &&
    !events.some(({ type }) => type.startsWith('task.') || type.startsWith('question.'))
  )
    return decision;
  const { now: at, by } = ctx;
  const all: NewEvent[] = [...events];
  const effects: Effect[] = [];
  let state = before;
  let { offset } = ctx;
  const apply = ({ type, body, by: whose = by, copied }: NewEvent) => {
    const from = copied === undefined ? {} : { source: copied.source };
    state = reduceSession(state, { type, body, by: whose, at: copied?.at ?? at, ...from }, ++offset);
  };
  for (const event of events) apply(event);
  for (let steps = 0; steps < MOST_STEPS && !state.removed; steps++) {
    const more = nextStep(state, at) ?? questionsOver(state, at);
    if (more.length === 0) break;
    for (const event of more) {
      apply(event);
      all.push(event);
      const effect = effectOf(state, event);
      if (effect !== undefined) effects.push(effect);
      for (const next of handedOver(state, event, { ...ctx, offset })) {
        apply(next);
        all.push(next);
      }
    }
  }
  return {
    ...decision,
    events: all,
    effects: [...(decision.effects ?? []), ...effects],
    tell: [...(decision.tell ?? []), ...told(before, state)],
  };
}

function effectOf({ id: session }: SessionState, { type, body }: NewEvent): Effect | undefined {
  const { task, attempt, run } = body as { task: string; attempt: number; run?: string };
  const what: TaskEffect = { session, task, attempt };
  if (type === 'task.given' && run !== undefined)
    return { id: effectId(TASK_AGENT, what), kind: TASK_AGENT, body: what };
  if (type === 'task.checking') return { id: effectId(TASK_CHECK, what), kind: TASK_CHECK, body: what };
  return undefined;
}

/** The prompt of an idle agent on another machine is handed to that at once, as when anybody prompts it. */
function handedOver(state: SessionState, { type, body }: NewEvent, ctx: DecideContext): readonly NewEvent[] {
  const { agent } = body as { agent: string };
  if (type !== 'prompt.queued' || farOf(state, agent) === undefined) return [];
  return giving(state, agent, {}, ctx).events ?? [];
}

function hasWork({ tasks, questions }: SessionState): boolean {
  return Object.keys(questions).length > 0 || Object.values(tasks).some((one) => !hasEnded(one));
}

/** The node's index, if it is to know something else than before. */
function told(before: SessionState, after: SessionState): NonNullable<Decision['tell']> {
  const body = workOf(after);
  if (JSON.stringify(body) === JSON.stringify(workOf(before))) return [];
  return [{ target: 'node', type: 'session.work', body }];
}

export function workOf({ id, tasks, questions }: SessionState): NodeEvents['session.work'] {
  const open = Object.values(tasks).filter(({ life }) => life !== 'done' && life !== 'cancelled');
  return { id, tasks: open.length, questions: Object.keys(questions).length };
}

/** When the next time comes that matters, milliseconds since 1970. */
export function nextDue({ tasks, questions }: SessionState): number | undefined {
  const dues = [
    ...Object.values(tasks).flatMap((one) => (hasEnded(one) || one.due === null ? [] : [one.due])),
    ...Object.values(questions).flatMap(({ due }) => (due === null ? [] : [due])),
  ];
  return dues.length === 0 ? undefined : Math.min(...dues);
}
