/** A session's decisions about its tasks: added, cancelled, reported (rule N3). What follows of itself is schedule.ts's. Pure. */
import { SkeinError } from '@skein/protocol/errors';
import { allows, type Need } from '@skein/protocol/members/roles';
import { who } from '@skein/protocol/members/who';
import type { SessionState } from '@skein/protocol/sessions/state';
import type { TaskCommands } from '@skein/protocol/tasks/commands';
import type { TaskEvents } from '@skein/protocol/tasks/events';
import { MAX_OPEN_TASKS } from '@skein/protocol/tasks/limits';
import { hasEnded, type Task, taskOf } from '@skein/protocol/tasks/state';
import { agentIn } from '../agents/find.ts';
import type { DecideContext, Decision, EffectOutcome } from '../kernel/types.ts';
import { farOf } from '../machines/home/telling.ts';
import type { Giver } from '../members/givers.ts';
import { notAllowed } from '../members/refusals.ts';
import { agentOf } from '../questions/decide.ts';
import { callingOff } from './calling-off.ts';
import { attemptOver } from './schedule.ts';

export type TaskHandlers = {
  [K in keyof TaskCommands]: (
    state: SessionState,
    body: TaskCommands[K],
    giver: Giver,
    ctx: DecideContext,
  ) => Decision;
};

export const taskHandlers: TaskHandlers = {
  'task.add': add,
  'task.cancel': (state, body) => cancel(state, body),
  'task.retry': (state, body, _giver, { now }) => again(state, body, now),
  'task.slots': (_state, { slots }) => ({
    events: [{ type: 'task.slots', body: { slots } }],
    reply: { slots },
  }),
  'task.report': (state, body, _giver, ctx) => report(state, body, ctx),
};

/** The effects of tasks: an agent started for one; a check of what came of it. Both name the attempt in their ids. */
export const TASK_AGENT = 'task-agent';
export const TASK_CHECK = 'task-check';
export interface TaskEffect {
  session: string;
  task: string;
  attempt: number;
}
/** What a check came to: the end of what it printed. */
export interface Checked {
  ok: boolean;
  how: string;
  tail: string;
}

export function effectId(kind: string, { task, attempt }: { task: string; attempt: number }): string {
  return `${kind} ${task} ${attempt}`;
}

function add(
  state: SessionState,
  body: TaskCommands['task.add'],
  giver: Giver,
  ctx: DecideContext,
): Decision {
  const { task, to, definition, needs, check, workspace, deadline } = body;
  if (Object.hasOwn(state.tasks, task))
    throw new SkeinError('name_taken', `There is a task ${task} already.`);
  checkRoom(state);
  if (needs.includes(task)) throw new SkeinError('deadlock', 'A task cannot need itself.');
  const missing = needs.find((id) => !Object.hasOwn(state.tasks, id));
  if (missing !== undefined)
    throw new SkeinError(
      'not_found',
      `There is no task ${missing} in session "${state.name}". What a task needs is added before it.`,
      { field: 'needs', missing },
    );
  if (to !== undefined) mayDo(state, to, check !== undefined);
  // Checks run as the machine's user, whose workspaces those are as well; starting agents is an owner's.
  if (check !== undefined || workspace !== undefined) mustBe(giver, ctx, 'node-owner');
  if (definition !== undefined) mustBe(giver, ctx, 'owner');
  const added: TaskEvents['task.added'] = {
    ...body,
    needs: [...new Set(needs)],
    n: state.tasked + 1,
    ...(deadline === undefined ? {} : { due: ctx.now + deadline }),
  };
  return { events: [{ type: 'task.added', body: added }], reply: { task, n: added.n } };
}

/** Whether an agent can be given it, now or later. */
function mayDo(state: SessionState, to: string, checked: boolean): void {
  const { name } = agentIn(state, to);
  if (!checked || farOf(state, to) === undefined) return;
  const message = `"${name}" works on another machine, and a check is run on this one: let it check there.`;
  throw new SkeinError('bad_request', message, { field: 'check' });
}

/** What an agent may is its capability's to say, when an agent is started in its name. */
function mustBe(giver: Giver, { by }: DecideContext, needs: Exclude<Need, 'anyone'>): void {
  if (giver.is === 'local') return;
  if (who.safeParse(by).data?.kind === 'agent' && needs === 'owner') return;
  const role = giver.is === 'member' ? giver.standing.role : undefined;
  if (!allows(role, needs)) throw notAllowed(needs, role ?? 'stranger');
}

function checkRoom({ name, tasks }: SessionState): void {
  if (Object.values(tasks).filter((one) => !hasEnded(one)).length < MAX_OPEN_TASKS) return;
  const message = `Session "${name}" has ${MAX_OPEN_TASKS} tasks that have not ended: cancel some, or wait.`;
  throw new SkeinError('mailbox_full', message);
}

function cancel(state: SessionState, { task: id }: TaskCommands['task.cancel']): Decision {
  const task = taskIn(state, id);
  if (hasEnded(task)) throw ended(task);
  return {
    events: [...callingOff(state, task), { type: 'task.ended', body: { task: id, state: 'cancelled' } }],
    reply: { task: id, n: task.n },
  };
}

function again(state: SessionState, { task: id }: TaskCommands['task.retry'], now: number): Decision {
  const task = taskIn(state, id);
  if (task.life === 'done' || !hasEnded(task))
    throw new SkeinError(
      'bad_request',
      `Task ${task.n} is ${task.life}: only one that came to nothing is begun anew.`,
    );
  checkRoom(state);
  const due = task.deadline === null ? {} : { due: now + task.deadline };
  return { events: [{ type: 'task.again', body: { task: id, ...due } }], reply: { task: id, n: task.n } };
}

function report(
  state: SessionState,
  { task: named, ok, text, data }: TaskCommands['task.report'],
  { by }: DecideContext,
): Decision {
  const agent = agentOf(by);
  const id = named ?? (agent === undefined ? undefined : taskOf(state, agent)?.task);
  if (id === undefined)
    throw new SkeinError(
      'not_found',
      agent === undefined ? 'Say which task: only an agent need not.' : 'You work on no task now.',
      { field: 'task' },
    );
  const task = taskIn(state, id);
  if (agent !== undefined && task.given?.agent !== agent)
    throw new SkeinError('not_allowed', `Task ${task.n} is not yours to report of.`, {
      rule: 'N3',
      field: 'task',
    });
  if (hasEnded(task)) throw ended(task);
  const reported = {
    type: 'task.reported',
    body: { task: id, ok, text, ...(data === undefined ? {} : { data }) },
  };
  const reply = { task: id, n: task.n };
  if (task.life === 'running') return { events: [reported], reply };
  const why = ok ? {} : { why: text.slice(0, 1_024) };
  const over = { type: 'task.ended', body: { task: id, state: ok ? 'done' : 'failed', ...why } };
  return { events: [reported, over], reply };
}

/** How what was done for a task has ended. */
export function taskOutcome(state: SessionState, effect: EffectOutcome): Decision {
  const [, id = '', attempt] = effect.id.split(' ');
  const task = Object.hasOwn(state.tasks, id) ? state.tasks[id] : undefined;
  if (task === undefined || task.life !== 'running' || task.attempt !== Number(attempt)) return {};
  const { given } = task;
  if (effect.kind === TASK_AGENT) {
    if (effect.status === 'done' || given === null || Object.hasOwn(state.agents, given.agent)) return {};
    const why = effect.status === 'failed' ? effect.error.message : 'It is not known whether it was.';
    return { events: attemptOver(task, `No agent could be started for it: ${why}`) };
  }
  if (given?.checking !== true) return {};
  if (effect.status !== 'done') {
    const why = effect.status === 'failed' ? effect.error.message : 'It is not known what came of it.';
    return { events: attemptOver(task, `The check could not be run: ${why}`) };
  }
  const { ok, how, tail } = effect.value as Checked;
  if (ok) return { events: [{ type: 'task.ended', body: { task: id, state: 'done' } }] };
  return { events: attemptOver(task, `The check ${how}${tail === '' ? '.' : `:\n${tail}`}`) };
}

function taskIn({ tasks, name }: SessionState, id: string): Task {
  const task = Object.hasOwn(tasks, id) ? tasks[id] : undefined;
  if (task !== undefined) return task;
  throw new SkeinError(
    'not_found',
    `There is no task ${id} in session "${name}". See: skein task ls --in ${name}`,
  );
}

function ended({ n, life }: Task): SkeinError {
  return new SkeinError('gone', `Task ${n} has ended already: it is ${life}.`, { state: life });
}
