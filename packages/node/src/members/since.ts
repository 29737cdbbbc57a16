/** What somebody is told of what is over who may see nothing of before they came (rule M3). Pure. */
import type { AgentState } from '@skein/protocol/agents/state';
import type { Far } from '@skein/protocol/machines/far';
import type { SessionState } from '@skein/protocol/sessions/state';
import type { Task } from '@skein/protocol/tasks/state';
import type { Principal } from './principal.ts';

/** The session as they may see it: what is now, and of what is over that which has ended since. */
export function seenBy(state: SessionState, by: Principal): SessionState {
  const since = cameAt(state, by);
  if (since === undefined) return state;
  const later = <T extends { at: number }>(notes: readonly T[]): T[] => notes.filter(({ at }) => at >= since);
  return {
    ...state,
    agents: mapped(state.agents, (agent) => agentSeen(agent, since)),
    settled: state.settled.filter(({ answered }) => answered !== null && answered.at >= since),
    refusals: later(state.refusals),
    conflicts: later(state.conflicts),
    landings: later(state.landings),
    tasks: Object.fromEntries(
      Object.entries(state.tasks)
        .filter(([, { ended }]) => ended === null || ended >= since)
        .map(([id, task]) => [id, taskSeen(task, since)]),
    ),
    far: mapped(state.far, (far) => farSeen(far, since)),
    hosted: state.hosted && { ...state.hosted, asks: later(state.hosted.asks) },
    settledQuestions: state.settledQuestions.filter(({ settledAt }) => settledAt >= since),
  };
}

/** When they came, milliseconds since 1970; undefined for one who may see all. */
export function cameAt({ members }: SessionState, by: Principal): number | undefined {
  if (by.kind === 'owner') return undefined;
  const devices = Object.values(members).flatMap((member) => member.devices);
  const mine = devices.find(({ device }) => device === by.device);
  return mine?.history === 'from-join' ? mine.added : undefined;
}

function agentSeen(agent: AgentState, since: number): AgentState {
  const { reported, queue, why, ...rest } = agent;
  return {
    ...rest,
    why: endedAt(agent) >= since ? why : null,
    ...(reported !== undefined && reported.at >= since ? { reported } : {}),
    queue: queue.map((one) => (one.at >= since ? one : { ...one, preview: '' })),
  };
}

/** Of one that goes on: what came of its earlier attempts, and of the present one before they came, is over. */
function taskSeen(task: Task, since: number): Task {
  if (task.ended !== null || task.added >= since) return task;
  const { given, result } = task;
  return { ...task, why: null, result: given !== null && given.at >= since ? result : null };
}

/** What was told its machine before may be a prompt; that it waits is to be seen in the queue. */
function farSeen(far: Far, since: number): Far {
  return {
    ...far,
    wish: far.wish && { ...far.wish, body: null },
    unheard: far.unheard.map((one) => ({ ...one, body: null })),
    asks: far.asks.filter(({ at }) => at >= since),
  };
}

/** When its last run ended; of one that did before this was kept, a time when it had not yet. */
export function endedAt({ endedAt, run, added }: AgentState): number {
  return endedAt ?? run?.startedAt ?? added;
}

function mapped<T>(of: Record<string, T>, change: (one: T) => T): Record<string, T> {
  return Object.fromEntries(Object.entries(of).map(([key, one]) => [key, change(one)]));
}
