/** What somebody is told of what is over who may see nothing of before they came (rule M3). Pure. */
import type { AgentState } from '@skein/protocol/agents/state';
import type { Far } from '@skein/protocol/machines/far';
import type { SessionState } from '@skein/protocol/sessions/state';
import type { Task } from '@skein/protocol/tasks/state';
import type { Principal } from './principal.ts';

/** Whether what was at a time, milliseconds since 1970, is theirs to see. */
export type Since = (at: number) => boolean;

/** The session as they may see it: what is now, and of what is over that which has ended since. */
export function seenBy(state: SessionState, by: Principal): SessionState {
  const since = sinceThen(state, by);
  if (since === undefined) return state;
  const later = <T extends { at: number }>(notes: readonly T[]): T[] => notes.filter(({ at }) => since(at));
  return {
    ...state,
    agents: mapped(state.agents, (agent) => agentSeen(agent, since)),
    settled: state.settled.filter(({ answered }) => answered !== null && since(answered.at)),
    refusals: later(state.refusals),
    conflicts: later(state.conflicts),
    landings: later(state.landings),
    tasks: Object.fromEntries(
      Object.entries(state.tasks)
        .filter(([, { ended }]) => ended === null || since(ended))
        .map(([id, task]) => [id, taskSeen(task, since)]),
    ),
    far: mapped(state.far, (far) => farSeen(far, since)),
    hosted: state.hosted && { ...state.hosted, asks: later(state.hosted.asks) },
    settledQuestions: state.settledQuestions.filter(({ settledAt }) => since(settledAt)),
  };
}

/** What is theirs to see since they came; undefined for one who may see all. */
export function sinceThen({ members }: SessionState, by: Principal): Since | undefined {
  if (by.kind === 'owner') return undefined;
  const devices = Object.values(members).flatMap((member) => member.devices);
  const mine = devices.find(({ device }) => device === by.device);
  if (mine?.history !== 'from-join') return undefined;
  const ahead = new Set(mine.ahead);
  return (at) => at >= mine.added && !ahead.has(at);
}

/** The times of what is over, or was said, that are not before now, though it was: clocks are set back, and differ. */
export function timesAhead(state: SessionState, now: number): number[] {
  const noted: { at: number }[][] = [
    ...[state.refusals, state.conflicts, state.landings, state.hosted?.asks ?? []],
    ...Object.values(state.far).map(({ asks }) => asks),
    ...Object.values(state.agents).map(({ queue }) => queue),
  ];
  const times = [
    ...noted.flat().map(({ at }) => at),
    ...state.settled.map(({ answered }) => answered?.at),
    ...state.settledQuestions.map(({ settledAt }) => settledAt),
    ...Object.values(state.tasks).flatMap(({ added, ended, given }) => [added, ended, given?.at]),
    ...Object.values(state.agents).flatMap((agent) => [endedAt(agent), agent.reported?.at]),
  ];
  return [...new Set(times.filter((at) => typeof at === 'number').filter((at) => at >= now))];
}

function agentSeen(agent: AgentState, since: Since): AgentState {
  const { reported, queue, why, ...rest } = agent;
  return {
    ...rest,
    why: since(endedAt(agent)) ? why : null,
    ...(reported !== undefined && since(reported.at) ? { reported } : {}),
    queue: queue.map((one) => (since(one.at) ? one : { ...one, preview: '' })),
  };
}

/** Of one that goes on: what came of its earlier attempts, and of the present one before they came, is over. */
function taskSeen(task: Task, since: Since): Task {
  if (task.ended !== null || since(task.added)) return task;
  const { given, result } = task;
  return { ...task, why: null, result: given !== null && since(given.at) ? result : null };
}

/** What was told its machine before may be a prompt; that it waits is to be seen in the queue. */
function farSeen(far: Far, since: Since): Far {
  return {
    ...far,
    wish: far.wish && { ...far.wish, body: null },
    unheard: far.unheard.map((one) => ({ ...one, body: null })),
    asks: far.asks.filter(({ at }) => since(at)),
  };
}

/** When its last run ended; of one that did before this was kept, a time when it had not yet. */
export function endedAt({ endedAt, run, added }: AgentState): number {
  return endedAt ?? run?.startedAt ?? added;
}

function mapped<T>(of: Record<string, T>, change: (one: T) => T): Record<string, T> {
  return Object.fromEntries(Object.entries(of).map(([key, one]) => [key, change(one)]));
}
