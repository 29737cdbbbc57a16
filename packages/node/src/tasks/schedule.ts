/**
 * What is to happen with a session's tasks as it is now (rule N3): which are given to whom, which are over, which fail with what they need. Pure:
 * it is decided in the transaction of whatever has changed, so nothing is given twice or forgotten, wherever the node is killed.
 */
import { createHash } from 'node:crypto';
import { previewOf } from '@skein/protocol/agents/prompt-summary';
import { type AgentState, isAlive } from '@skein/protocol/agents/state';
import { idOf } from '@skein/protocol/ids';
import { sameWho } from '@skein/protocol/members/who';
import type { SessionState } from '@skein/protocol/sessions/state';
import { MAX_WHY } from '@skein/protocol/tasks/limits';
import { type Given, hasEnded, type Task, taskOf } from '@skein/protocol/tasks/state';
import type { NewEvent } from '../kernel/types.ts';
import { farOf, isGiven } from '../machines/home/telling.ts';
import { callingOff } from './calling-off.ts';
import { promptText } from './words.ts';

/** The first thing that is to be recorded, with what belongs to it; undefined when everything is as it should be. */
export function nextStep(state: SessionState, now: number): NewEvent[] | undefined {
  const open = Object.values(state.tasks).filter((one) => !hasEnded(one));
  for (const task of open) {
    const step = stepOf(state, task, now);
    if (step !== undefined) return step;
  }
  const running = open.filter(({ life }) => life === 'running').length;
  if (running >= state.slots) return undefined;
  for (const task of open) {
    if (task.life !== 'open' || !isReady(state, task)) continue;
    const given = giving(state, task);
    if (given !== undefined) return given;
  }
  return undefined;
}

function stepOf(state: SessionState, task: Task, now: number): NewEvent[] | undefined {
  if (task.due !== null && task.due <= now) {
    const why = 'Its time was over before it was finished.';
    return [
      ...callingOff(state, task),
      { type: 'task.ended', body: { task: task.task, state: 'late', why } },
    ];
  }
  if (task.life === 'running') return runningStep(state, task, now);
  return failedNeed(state, task);
}

/** A task that needs one that is not done fails with it, unless it is to be done anyway. */
function failedNeed({ tasks }: SessionState, { task, needs, anyway }: Task): NewEvent[] | undefined {
  if (anyway) return undefined;
  const bad = needs.flatMap((id) => tasks[id] ?? []).find((one) => hasEnded(one) && one.life !== 'done');
  if (bad === undefined) return undefined;
  const why = `It needs task ${bad.n}, which ${bad.life === 'failed' ? 'failed' : bad.life === 'late' ? 'was late' : 'was cancelled'}.`;
  return [{ type: 'task.ended', body: { task, state: 'failed', why } }];
}

function isReady({ tasks }: SessionState, { needs }: Task): boolean {
  return needs.every((id) => tasks[id] === undefined || hasEnded(tasks[id]));
}

function runningStep(state: SessionState, task: Task, now: number): NewEvent[] | undefined {
  const { given, attempt } = task;
  if (given === null || given.checking) return undefined;
  const agent = Object.hasOwn(state.agents, given.agent) ? state.agents[given.agent] : undefined;
  if (agent === undefined) {
    // It is being started for this.
    if (given.run !== null && !given.asked) return undefined;
    return attemptOver(task, 'Its agent was removed.');
  }
  if (!given.asked) {
    if (!isAlive(agent))
      return attemptOver(task, `${agent.name} could not be started: ${agent.why ?? 'it has ended'}`);
    return [queued(state, task, given, promptText(state, task, attempt, now))];
  }
  if (agent.queue.some(({ prompt }) => prompt === given.prompt)) {
    const why = isAlive(agent) ? unledWords(state, agent, given) : endedWords(agent);
    return why === undefined ? undefined : [...callingOff(state, task), ...attemptOver(task, why)];
  }
  if (agent.turn?.prompt === given.prompt) return undefined;
  return turnOver(task, agent);
}

function turnOver(task: Task, { name }: AgentState): NewEvent[] {
  const { given, result, attempt, task: id } = task;
  const ended = given?.ended ?? null;
  if (result?.from === 'report') {
    if (!result.ok) return attemptOver(task, result.text === '' ? `${name} could not do it.` : result.text);
    return good(task);
  }
  if (ended === null)
    return attemptOver(task, `The run of ${name} ended in the middle of it, or its prompt was taken back.`);
  const { reason, message } = ended;
  const more = message === null ? '' : ` ${message}`;
  if (reason === 'cancelled')
    return [
      {
        type: 'task.ended',
        body: { task: id, state: 'cancelled', why: `The turn of ${name} was cancelled.` },
      },
    ];
  if (reason === 'refused') return attemptOver(task, `${name} refused it.${more}`);
  if (reason === 'done') return good({ ...task, attempt });
  return attemptOver(task, `The turn of ${name} failed.${more}`);
}

function endedWords({ name, why }: AgentState): string {
  return `${name} ended before it had begun${why === null ? '.' : `: ${why}`}`;
}

/** Where it does not get what waits for it: what it was handed before, it may begin with yet. */
function unledWords(state: SessionState, { agent, name }: AgentState, { prompt }: Given): string | undefined {
  const unleased = farOf(state, agent)?.unleased ?? null;
  if (unleased === null || isGiven(state, agent, prompt)) return undefined;
  return `${name} is not commanded from here any more: ${unleased}`;
}

/** Its agent has done its part. */
function good({ task, check, attempt }: Task): NewEvent[] {
  if (check !== null) return [{ type: 'task.checking', body: { task, attempt } }];
  return [{ type: 'task.ended', body: { task, state: 'done' } }];
}

/** Nothing came of it: given again, if that is wanted. */
export function attemptOver({ task, attempt, base, retries }: Task, reason: string): NewEvent[] {
  const why = reason.slice(0, MAX_WHY);
  if (attempt - base <= retries) return [{ type: 'task.retrying', body: { task, attempt, why } }];
  return [{ type: 'task.ended', body: { task, state: 'failed', why } }];
}

/** To an idle agent that may have it, or one that is started for it. */
function giving(state: SessionState, task: Task): NewEvent[] | undefined {
  const { by } = task;
  const attempt = task.attempt + 1;
  const prompt = derived(state.id, task.task, attempt, 'prompt');
  const all = Object.values(state.agents).filter((one) => suits(task, one, state) && isIdle(state, one));
  // One that is away could not begin now.
  const idle = all.find(({ agent }) => (farOf(state, agent)?.link ?? 'up') === 'up') ?? all[0];
  if (idle !== undefined)
    return [{ type: 'task.given', by, body: { task: task.task, attempt, agent: idle.agent, prompt } }];
  if (task.definition === null) {
    if (task.to === null || Object.hasOwn(state.agents, task.to)) return undefined;
    return [
      {
        type: 'task.ended',
        body: { task: task.task, state: 'failed', why: 'The agent that was to do it was removed.' },
      },
    ];
  }
  const agent = derived(state.id, task.task, attempt, 'agent');
  const run = derived(state.id, task.task, attempt, 'run');
  return [{ type: 'task.given', by, body: { task: task.task, attempt, agent, prompt, run } }];
}

function suits(task: Task, agent: AgentState, { far, tasks }: SessionState): boolean {
  if (task.to !== null) return agent.agent === task.to;
  const peer = farOf({ far }, agent.agent)?.peer ?? null;
  // Checks are run on this machine.
  if (task.check !== null && peer !== null) return false;
  // It would wait for itself.
  if (task.by?.kind === 'agent' && task.by.agent === agent.agent) return false;
  if (agent.pty === true) return false;
  if (task.definition === null) return true;
  if (agent.definition !== task.definition) return false;
  if (peer !== task.on) return false;
  if (task.workspace === null || agent.workspace?.id === task.workspace) return true;
  // One that was started for a task there has a worktree of it.
  return Object.values(tasks).some((one) => one.agent === agent.agent && one.workspace === task.workspace);
}

/** It could begin at once, and has nothing else to do. */
export function isIdle(state: SessionState, agent: AgentState): boolean {
  const { life, run, turn, queue, stopping, agent: id } = agent;
  if (life !== 'running' || run?.ready !== true || turn !== null || queue.length > 0 || stopping)
    return false;
  const far = farOf(state, id);
  if (far !== undefined && (far.unheard.length > 0 || far.unleased !== null)) return false;
  return taskOf(state, id) === undefined;
}

/** It is whoever's has added the task, with the words of those who have said what has come of it and of what it needs. */
function queued({ tasks }: SessionState, task: Task, { agent, prompt }: Given, text: string): NewEvent {
  const parts = [{ type: 'text' as const, text }];
  const others = [task, ...task.needs.flatMap((id) => tasks[id] ?? [])].flatMap(({ also = [] }) => also);
  const also = others.filter(
    (one, at) => !sameWho(one, task.by) && !others.slice(0, at).some((earlier) => sameWho(one, earlier)),
  );
  const body = { agent, prompt, parts, preview: previewOf(parts), ...(also.length === 0 ? {} : { also }) };
  return { type: 'prompt.queued', by: task.by, body };
}

/** The id of what an attempt makes: the same again for the same attempt, and another in another session whose task is called the same. */
export function derived(session: string, task: string, attempt: number, what: string): string {
  return idOf(createHash('sha256').update(`${session} ${task} ${attempt} ${what}`).digest());
}
