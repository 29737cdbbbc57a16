/** Answers the guard of commits: which of the paths that somebody commits others have claimed, or write just now (rule W2). */
import path from 'node:path';
import type { IndexedWorkspace } from '@skein/protocol/sessions/node-state';
import type { Committing, WorkspaceAsks } from '@skein/protocol/workspaces/asks';
import type { Holder } from '@skein/protocol/workspaces/holder';
import { sameHolder } from '@skein/protocol/workspaces/holder';
import { patternOfPath } from '@skein/protocol/workspaces/patterns';
import { runIn } from '@skein/protocol/workspaces/reduce';
import type { WorkspaceState } from '@skein/protocol/workspaces/state';
import type { Handlers } from '../../sessions/ask-call.ts';
import { holderOf, indexOf } from '../claims/claim-index.ts';
import { type Workspaces, workspacesAround } from '../service.ts';

/** That are told of many. */
const MOST = 20;

export function committingHandler({
  workspaces,
}: {
  workspaces: Workspaces;
}): Handlers<keyof WorkspaceAsks & 'committing'> {
  return {
    async committing({ root, paths, run }) {
      const all = await workspaces.list();
      const who = await committer(workspaces, all, run);
      const found: Committing[] = [];
      for (const one of paths) {
        const held = await heldAt(workspaces, all, path.join(root, one), who);
        if (held !== undefined) found.push({ path: one, ...held });
        if (found.length === MOST) break;
      }
      return found;
    },
  };
}

/** A run, whichever workspace it works in; anybody else is the machine's user. */
async function committer(
  workspaces: Workspaces,
  all: readonly IndexedWorkspace[],
  run: string | undefined,
): Promise<Holder> {
  if (run !== undefined)
    for (const { id } of all) {
      const there = runIn(await workspaces.workspace(id), run);
      if (there !== undefined) return holderOf(there);
    }
  return { kind: 'person', member: null, name: '' };
}

/** In each workspace that a file lies in, since one may lie in another. */
async function heldAt(
  workspaces: Workspaces,
  all: readonly IndexedWorkspace[],
  whole: string,
  who: Holder,
): Promise<Omit<Committing, 'path'> | undefined> {
  for (const { id, name, root } of workspacesAround(all, whole)) {
    if (whole === root) continue;
    const within = path.relative(root, whole);
    const holder = heldBy(await workspaces.workspace(id), within, who);
    if (holder !== undefined) return { within, workspace: name, holder };
  }
  return undefined;
}

function heldBy(state: WorkspaceState, within: string, committer: Holder): Holder | undefined {
  for (const entry of indexOf(state, 'gate').overlapping([patternOfPath(within)]))
    if (entry.kind !== 'waiter' && !sameHolder(entry.holder, committer)) return entry.holder;
  return undefined;
}
