/** What a session knows of workspaces: the claims of its agents and programs, and the newest refusals, conflicts and landings (rule L5). */
import type { StoredEvent } from '../sessions/events.ts';
import type { WorkspaceNotes } from './events.ts';
import { MAX_NOTES } from './limits.ts';

type Note<K extends keyof WorkspaceNotes> = WorkspaceNotes[K] & { at: number };

export interface Notes {
  /** Held by runs of this session, by id, in the order in which they were taken. */
  claims: Record<string, Note<'claim.taken'>>;
  /** The newest, oldest first. */
  refusals: Note<'claim.refused'>[];
  conflicts: Note<'conflict.found'>[];
  /** By id, each as it stands. */
  landings: Note<'landing.changed'>[];
}

export const NO_NOTES: Notes = { claims: {}, refusals: [], conflicts: [], landings: [] };

/** The state after one more event. Never changes the state it is given. */
export function reduceNotes<S extends Notes>(state: S, event: StoredEvent): S {
  const { type, body, at } = event;
  switch (type as keyof WorkspaceNotes) {
    case 'claim.taken': {
      const claim = { ...(body as WorkspaceNotes['claim.taken']), at };
      return { ...state, claims: { ...state.claims, [claim.claim]: claim } };
    }
    case 'claim.released': {
      const { [(body as WorkspaceNotes['claim.released']).claim]: _, ...claims } = state.claims;
      return { ...state, claims };
    }
    case 'claim.refused':
      return {
        ...state,
        refusals: newest(state.refusals, { ...(body as WorkspaceNotes['claim.refused']), at }),
      };
    case 'conflict.found':
      return {
        ...state,
        conflicts: newest(state.conflicts, { ...(body as WorkspaceNotes['conflict.found']), at }),
      };
    case 'landing.changed': {
      const landing = { ...(body as WorkspaceNotes['landing.changed']), at };
      const others = state.landings.filter((one) => one.landing !== landing.landing);
      return { ...state, landings: newest(others, landing) };
    }
    default:
      return state;
  }
}

function newest<T>(list: readonly T[], one: T): T[] {
  return [...list, one].slice(-MAX_NOTES);
}
