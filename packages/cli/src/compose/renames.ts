/** In which order the sessions of a compose file are called otherwise, so that no name is wanted before it is free (rule B1). Pure. */
import type { Action } from './action.ts';
import type { PresentSession } from './present.ts';

type Rename = Extract<Action, { do: 'session.rename' }>;

/** Where they exchange their names, one has another in between: cut off there, the next plan goes on from that. */
export function inTurn(
  renames: readonly Rename[],
  sessions: readonly Pick<PresentSession, 'id' | 'name'>[],
): Rename[] {
  const names = new Map(sessions.map(({ id, name }) => [id, name]));
  const left = [...renames];
  const turns: Rename[] = [];
  while (left.length > 0) {
    const free = left.findIndex(({ name }) => left.every((one) => names.get(one.id) !== name));
    const [next] = free < 0 ? left : left.splice(free, 1);
    if (next === undefined) break;
    const made = free < 0 ? { ...next, name: `renamed-${next.id}`, why: 'makes room for another' } : next;
    turns.push(made);
    names.set(made.id, made.name);
  }
  return turns;
}
