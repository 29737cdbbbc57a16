/** What may be cleared away: sessions that ended long ago, and those that were forgotten while their records stayed (rule L8). */

import { SkeinError } from '@skein/protocol/errors';
import type { Asks, BygoneSession } from '@skein/protocol/sessions/asks';
import { type Listed, type NodeState, sessionIn } from '@skein/protocol/sessions/node-state';
import {
  emptySession,
  migrateSession,
  reduceSession,
  SESSION_REDUCER,
  type SessionState,
} from '@skein/protocol/sessions/state';
import type { KernelApi, Reducer } from '../kernel/types.ts';

/** Sessions looked at for one answer. */
const PAGE = 256;

const STREAM = 'session/';

/** As its actor has it: a snapshot of one serves the other. */
const session: Reducer<SessionState> = {
  name: 'session',
  version: SESSION_REDUCER,
  initial: (stream) => emptySession(stream.slice(STREAM.length)),
  apply: reduceSession,
  migrate: migrateSession,
};

type Bygone = Asks['bygone'];

export async function bygone(
  kernel: KernelApi,
  index: NodeState,
  { before, forgotten, after }: Bygone['body'],
): Promise<Bygone['answer']> {
  const left = recorded(kernel).filter((id) => after === null || id > after);
  const page = left.sort().slice(0, PAGE);
  const sessions: BygoneSession[] = [];
  for (const id of page) {
    const listed = sessionIn(index, id);
    if (listed === undefined ? !forgotten : !isOver(listed)) continue;
    const state = await looked(kernel, id);
    // What another machine has here is that one's to remove.
    if (state === undefined || state.hosted !== null) continue;
    const ended = endOf(state);
    if (ended < before) sessions.push({ id, name: listed?.name ?? null, ended });
  }
  return { sessions, more: left.length > PAGE ? (page.at(-1) ?? null) : null };
}

/** How many are listed no more, with their records still there. */
export function forgottenOf(kernel: Pick<KernelApi, 'streams'>, listed: readonly Listed[]): number {
  const ids = new Set(listed.map(({ id }) => id));
  return recorded(kernel).filter((id) => !ids.has(id)).length;
}

function recorded(kernel: Pick<KernelApi, 'streams'>): string[] {
  const names = kernel.streams().map(({ name }) => name);
  return names.filter((name) => name.startsWith(STREAM)).map((name) => name.slice(STREAM.length));
}

/** Nothing runs there, and nobody waits for anything of it. */
function isOver({ state, hosted, work }: Listed): boolean {
  if (state === 'running' || state === 'starting' || hosted !== undefined) return false;
  return work === undefined || work.tasks + work.questions === 0;
}

/** Not by its actor, which would stay in memory. Undefined of one that is gone meanwhile. */
async function looked(kernel: KernelApi, id: string): Promise<SessionState | undefined> {
  const known = kernel.peek<SessionState>(STREAM + id);
  if (known !== undefined) return known;
  try {
    return (await kernel.projection(STREAM + id, session)).state;
  } catch (thrown) {
    if (SkeinError.from(thrown).code === 'not_found') return undefined;
    throw thrown;
  }
}

function endOf({ created, run, agents }: SessionState): number {
  const agentsEnds = Object.values(agents).map(({ endedAt = 0 }) => endedAt);
  return Math.max(created, run?.startedAt ?? 0, run?.endedAt ?? 0, ...agentsEnds);
}
