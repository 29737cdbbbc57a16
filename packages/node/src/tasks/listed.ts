/** Tasks as they are told: with who has them, and what holds them up (rule N3). Pure. */
import { type AgentState, isAlive } from '@skein/protocol/agents/state';
import type { SessionState } from '@skein/protocol/sessions/state';
import type { ListedTask } from '@skein/protocol/tasks/asks';
import { hasEnded, type Task, taskState } from '@skein/protocol/tasks/state';
import { farOf } from '../machines/home/telling.ts';
import { isIdle } from './schedule.ts';

/** Characters of what is wanted in a list. */
const TITLE = 200;

export function listedTasks(state: SessionState): ListedTask[] {
  return Object.values(state.tasks).map((one) => listedTask(state, one));
}

export function listedTask(state: SessionState, task: Task): ListedTask {
  const { text, result: _, given, life: __, ...rest } = task;
  const who = given?.agent ?? task.agent ?? task.to;
  const agent = who === null || !Object.hasOwn(state.agents, who) ? undefined : state.agents[who];
  return {
    ...rest,
    state: taskState(state, task),
    title: text.replace(/\s+/g, ' ').slice(0, TITLE),
    agent: given?.agent ?? task.agent,
    agentName: agent?.name ?? null,
    held: heldBy(state, task),
    waitsFor: task.needs.flatMap((id) => {
      const need = state.tasks[id];
      return need === undefined || hasEnded(need) ? [] : [need.n];
    }),
    given: given?.at ?? null,
  };
}

function heldBy(state: SessionState, task: Task): string | null {
  if (task.given?.checking === true) return 'its check is run';
  if (taskState(state, task) !== 'queued') return null;
  const running = Object.values(state.tasks).filter(({ life }) => life === 'running').length;
  if (running >= state.slots) return `${running} of ${state.slots} slots are taken`;
  if (task.to !== null) {
    const agent = state.agents[task.to];
    if (agent === undefined) return null;
    if (!isAlive(agent)) return `${agent.name} does not run`;
    if ((farOf(state, task.to)?.unleased ?? null) !== null)
      return `${agent.name} is not commanded from here any more`;
    return isIdle(state, agent) ? null : `${agent.name} is busy`;
  }
  const elsewhere = ({ agent }: AgentState) => farOf(state, agent) !== undefined;
  if (task.check !== null && Object.values(state.agents).some((one) => elsewhere(one) && isIdle(state, one)))
    return 'its check is run on this machine, and no agent is idle here';
  return 'no agent is idle';
}
