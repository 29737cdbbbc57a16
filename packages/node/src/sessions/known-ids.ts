/**
 * Agents and runs are found by their ids everywhere on a node: what is kept of them, their processes, their surroundings. Who
 * begins one chooses its id, and so it must be nobody's (rules M2, K3). Pure.
 */
import { SkeinError } from '@skein/protocol/errors';
import type { NodeState } from '@skein/protocol/sessions/node-state';
import type { SessionState } from '@skein/protocol/sessions/state';
import type { Decision, Tell } from '../kernel/types.ts';
import { having } from './lookup.ts';

/** A session's question to the index, in the transaction of what is to begin there. */
export interface NewIds {
  session: string;
  ids: string[];
}

/** Throws `name_taken` if one of them is, or was the last, of another session. */
export function checkNewIds(state: NodeState, { session, ids }: NewIds): Decision {
  if (isKnownHere(state, ids, session)) throw idTaken();
  return {};
}

/** Whether a run or an agent of this id is, was the last, or is to be the next, of any session here but the one excepted. */
export function isKnownHere(state: NodeState, ids: readonly string[], except?: string): boolean {
  return ids.some((id) => [...having(state, id)].some((session) => session !== except));
}

/** A run that is to begin in a session: not one that it knows. Throws `name_taken`; the index looks at the others. */
export function askForIds(state: SessionState, run: string, agent?: string): Tell {
  const known = Object.values(state.agents).some((one) => one.run?.run === run || one.next?.run === run);
  if (known || state.run?.run === run) throw idTaken();
  const body: NewIds = { session: state.id, ids: agent === undefined ? [run] : [agent, run] };
  return { target: 'node', type: 'ids.check', body };
}

export function idTaken(): SkeinError {
  return new SkeinError('name_taken', 'There is an agent or a run of that id here already.');
}
