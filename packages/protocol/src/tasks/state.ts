/** A session's tasks as a pure function of its events (rules L5, N3). */
import type { AgentEvents } from '../agents/events.ts';
import { ofRun } from '../agents/reduce.ts';
import type { Agents } from '../agents/state.ts';
import { sameWho, type Who } from '../members/who.ts';
import type { StoredEvent } from '../sessions/events.ts';
import type { ToolEvents } from '../tools/events.ts';
import type { TASK_ENDS, TaskEvents } from './events.ts';
import { KEPT_RESULT, MAX_ENDED_TASKS, MAX_TASK_DATA, SLOTS } from './limits.ts';

type Body<K extends keyof TaskEvents> = TaskEvents[K];

/** `waiting` for what it needs; `queued` for an agent. */
export const TASK_STATES = ['waiting', 'queued', 'running', 'done', 'failed', 'cancelled', 'late'] as const;
export type TaskState = (typeof TASK_STATES)[number];

/** The agent that has it. */
export interface Given {
  agent: string;
  prompt: string;
  /** The agent is started for it, as this run. */
  run: string | null;
  /** Its prompt was put into the agent's queue. */
  asked: boolean;
  /** How the turn of that has ended. */
  ended: { reason: AgentEvents['turn.ended']['reason']; message: string | null } | null;
  checking: boolean;
  at: number;
}

export interface Result {
  ok: boolean;
  /** The beginning of it, and the characters that it has in all where that is more. */
  text: string;
  cut?: number;
  data?: unknown;
  /** It was reported, or is the last that the agent has said. */
  from: 'report' | 'message';
}

export interface Task {
  task: string;
  n: number;
  text: string;
  to: string | null;
  definition: string | null;
  on: string | null;
  workspace: string | null;
  needs: string[];
  anyway: boolean;
  deadline: number | null;
  due: number | null;
  retries: number;
  check: string | null;
  /** `open`: with nobody. */
  life: 'open' | 'running' | (typeof TASK_ENDS)[number];
  /** The present attempt or the last one; 0 before the first. */
  attempt: number;
  /** Attempts before it was begun anew: they are not counted as tries of its present life. */
  base: number;
  given: Given | null;
  /** Who had it last. */
  agent: string | null;
  result: Result | null;
  /** Why it failed, or is tried again. */
  why: string | null;
  added: number;
  by: Who | null;
  /** Others, of people, who have said what has come of it: what builds on it is told so. */
  also?: Who[];
  ended: number | null;
}

export interface TasksPart {
  /** By id, in the order in which they were added. */
  tasks: Record<string, Task>;
  slots: number;
  /** How many were ever added. */
  tasked: number;
  /** The last message of agents in the turn of a task, by agent. */
  saying: Record<string, { task: string; turn: string; item: string; text: string; length: number }>;
}

export const NO_TASKS: TasksPart = { tasks: {}, slots: SLOTS, tasked: 0, saying: {} };

/** The state after one more event; its agents are as they were before that. Never changes the state it is given. */
export function reduceTasks<S extends TasksPart & Agents>(state: S, event: StoredEvent): S {
  const change = Object.hasOwn(reducers, event.type)
    ? (reducers[event.type] as Reducer)(state, event.body as never, event)
    : undefined;
  return change === undefined ? state : { ...state, ...change };
}

type Reducer = (s: TasksPart & Agents, body: never, event: StoredEvent) => Partial<TasksPart> | undefined;

const reducers: Record<string, Reducer> = {
  'task.added': (s, body: Body<'task.added'>, { at, by }) => {
    const { task, n, text, to, definition, on, workspace, needs, anyway, retries } = body;
    const one: Task = {
      ...{ task, n, text, to: to ?? null, definition: definition ?? null, on: on ?? null },
      ...{ workspace: workspace ?? null, needs, anyway, deadline: body.deadline ?? null },
      ...{ due: body.due ?? null, retries, check: body.check ?? null, life: 'open', attempt: 0, base: 0 },
      ...{ given: null, agent: null, result: null, why: null, added: at, by: by as Who | null, ended: null },
    };
    return { tasks: { ...s.tasks, [task]: one }, tasked: n };
  },
  'task.slots': (_, { slots }: Body<'task.slots'>) => ({ slots }),
  'task.given': (s, { task, attempt, agent, prompt, run }: Body<'task.given'>, { at }) =>
    on(s, task, () => ({
      ...{ life: 'running', attempt, agent, result: null },
      given: { agent, prompt, run: run ?? null, asked: false, ended: null, checking: false, at },
    })),
  'task.reported': (s, { task, ok, text, data }: Body<'task.reported'>, { by }) =>
    on(s, task, (was) => ({
      result: { ok, ...kept(text, text.length), ...(data === undefined ? {} : { data }), from: 'report' },
      ...alsoBy(was, by as Who | null),
    })),
  /** By the tool of agents, of whatever they were given. */
  'agent.reported': (s, { agent, ok, text, data }: ToolEvents['agent.reported']) => {
    const one = taskOf(s, agent);
    if (one === undefined) return undefined;
    const small = data === undefined || JSON.stringify(data).length > MAX_TASK_DATA ? {} : { data };
    return on(s, one.task, () => ({ result: { ok, ...kept(text, text.length), ...small, from: 'report' } }));
  },
  'task.checking': (s, { task }: Body<'task.checking'>) =>
    on(s, task, ({ given }) => ({ given: given && { ...given, checking: true } })),
  'task.retrying': (s, { task, why }: Body<'task.retrying'>) =>
    without(s, task, { life: 'open', given: null, why }),
  'task.ended': (s, { task, state: life, why }: Body<'task.ended'>, { at }) => {
    const change = without(s, task, { life, given: null, why: why ?? null, ended: at });
    return change && { ...change, tasks: forgotten(change.tasks ?? s.tasks) };
  },
  'task.again': (s, { task, due }: Body<'task.again'>) =>
    on(s, task, ({ attempt }) => ({
      ...{ life: 'open', base: attempt, result: null, why: null, due: due ?? null, ended: null },
    })),

  'prompt.queued': (s, { prompt }: { prompt: string }) => onPrompt(s, prompt, () => ({ asked: true })),
  'turn.started': (s, { run, turn, prompt }: AgentEvents['turn.started']) => {
    const one = prompt === null ? undefined : byPrompt(s, prompt);
    const agent = one && ofRun(s, run)?.agent;
    if (one === undefined || agent === undefined) return undefined;
    return { saying: { ...s.saying, [agent]: { task: one.task, turn, item: '', text: '', length: 0 } } };
  },
  'message.delta': (s, { run, turn, item, parent, from, text }: AgentEvents['message.delta']) => {
    if (from !== 'agent' || parent !== undefined) return undefined;
    return said(s, run, turn, ({ item: before, text: had, length }) => {
      const same = before === item;
      const all = same ? length + text.length : text.length;
      return { item, length: all, text: `${same ? had : ''}${text}`.slice(0, KEPT_RESULT) };
    });
  },
  'message.ended': (s, { run, turn, item, text }: AgentEvents['message.ended']) =>
    text === undefined
      ? undefined
      : said(s, run, turn, (was) =>
          was.item === item ? { text: text.slice(0, KEPT_RESULT), length: text.length } : {},
        ),
  'turn.ended': (s, { run, turn, reason, message }: AgentEvents['turn.ended']) => {
    const agent = ofRun(s, run);
    if (agent === undefined || agent.turn?.turn !== turn || agent.turn.prompt === null) return undefined;
    const one = byPrompt(s, agent.turn.prompt);
    if (one === undefined) return undefined;
    const last = s.saying[agent.agent];
    const result: Result | null =
      one.result ??
      (last === undefined || last.text === ''
        ? null
        : { ok: true, ...kept(last.text, last.length), from: 'message' });
    return on(s, one.task, ({ given }) => ({
      result,
      given: given && { ...given, ended: { reason, message: message ?? null } },
    }));
  },
};

function alsoBy({ by, also = [] }: Task, reporter: Who | null): Pick<Task, 'also'> {
  if (reporter?.kind !== 'member' && reporter?.kind !== 'owner') return {};
  return [by, ...also].some((one) => sameWho(one, reporter)) ? {} : { also: [...also, reporter] };
}

function said(
  s: TasksPart & Agents,
  run: string,
  turn: string | null,
  change: (was: TasksPart['saying'][string]) => Partial<TasksPart['saying'][string]>,
): Partial<TasksPart> | undefined {
  // Most of what agents say is for no task.
  if (Object.keys(s.saying).length === 0) return undefined;
  const agent = ofRun(s, run)?.agent ?? '';
  const was = Object.hasOwn(s.saying, agent) ? s.saying[agent] : undefined;
  if (was === undefined || was.turn !== turn) return undefined;
  return { saying: { ...s.saying, [agent]: { ...was, ...change(was) } } };
}

function kept(text: string, length: number): Pick<Result, 'text' | 'cut'> {
  return length <= KEPT_RESULT ? { text } : { text: text.slice(0, KEPT_RESULT), cut: length };
}

function on(s: TasksPart, id: string, change: (was: Task) => Partial<Task>): Partial<TasksPart> | undefined {
  const was = Object.hasOwn(s.tasks, id) ? s.tasks[id] : undefined;
  return was === undefined ? undefined : { tasks: { ...s.tasks, [id]: { ...was, ...change(was) } } };
}

function onPrompt(
  s: TasksPart,
  prompt: string,
  change: (was: Given) => Partial<Given>,
): Partial<TasksPart> | undefined {
  const one = byPrompt(s, prompt);
  return one && on(s, one.task, ({ given }) => ({ given: given && { ...given, ...change(given) } }));
}

/** It is with nobody any more. */
function without(s: TasksPart, task: string, change: Partial<Task>): Partial<TasksPart> | undefined {
  const left = Object.entries(s.saying).filter(([, one]) => one.task !== task);
  const changed = on(s, task, () => change);
  return changed && { ...changed, saying: Object.fromEntries(left) };
}

function byPrompt({ tasks }: TasksPart, prompt: string): Task | undefined {
  return Object.values(tasks).find(({ given }) => given?.prompt === prompt);
}

/** Without the oldest of those that have ended, as far as none that is open needs them. */
function forgotten(tasks: Record<string, Task>): Record<string, Task> {
  const all = Object.values(tasks);
  const needed = new Set(all.filter((one) => !hasEnded(one)).flatMap(({ needs }) => needs));
  const old = all.filter((one) => hasEnded(one) && !needed.has(one.task));
  if (old.length <= MAX_ENDED_TASKS) return tasks;
  const gone = new Set(
    old.sort((a, b) => (a.ended ?? 0) - (b.ended ?? 0) || a.n - b.n).slice(0, old.length - MAX_ENDED_TASKS),
  );
  return Object.fromEntries(all.filter((one) => !gone.has(one)).map((one) => [one.task, one]));
}

export function hasEnded({ life }: Pick<Task, 'life'>): boolean {
  return life !== 'open' && life !== 'running';
}

/** What a task is at, as people are told. */
export function taskState({ tasks }: Pick<TasksPart, 'tasks'>, { life, needs }: Task): TaskState {
  if (life !== 'open') return life;
  const open = needs.some((id) => {
    const need = tasks[id];
    return need !== undefined && !hasEnded(need);
  });
  return open ? 'waiting' : 'queued';
}

/** The task that an agent works on. */
export function taskOf({ tasks }: Pick<TasksPart, 'tasks'>, agent: string): Task | undefined {
  return Object.values(tasks).find(({ given }) => given?.agent === agent);
}
