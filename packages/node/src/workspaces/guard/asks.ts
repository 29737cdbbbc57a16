/** Answers the guard of commits: which of the paths that somebody commits others have claimed, or write just now (rule W2). */
import path from 'node:path';
import type { Committing, WorkspaceAsks } from '@skein/protocol/workspaces/asks';
import type { Holder } from '@skein/protocol/workspaces/holder';
import { sameHolder } from '@skein/protocol/workspaces/holder';
import { patternOfPath } from '@skein/protocol/workspaces/patterns';
import { runIn } from '@skein/protocol/workspaces/reduce';
import type { WorkspaceState } from '@skein/protocol/workspaces/state';
import type { Handlers } from '../../sessions/ask-call.ts';
import { holderOf, indexOf } from '../claims/claim-index.ts';
import { type Workspaces, workspaceAt } from '../service.ts';

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
      const found: Committing[] = [];
      for (const one of paths) {
        const whole = path.join(root, one);
        const workspace = workspaceAt(all, whole);
        if (workspace === undefined || whole === workspace.root) continue;
        const state = await workspaces.workspace(workspace.id);
        const within = path.relative(workspace.root, whole);
        const by = heldBy(state, within, committer(state, run));
        if (by !== undefined) found.push({ path: one, within, workspace: workspace.name, holder: by });
        if (found.length === MOST) break;
      }
      return found;
    },
  };
}

/** A run of the workspace; anybody else is the machine's user. */
function committer(state: WorkspaceState, run: string | undefined): Holder {
  const there = run === undefined ? undefined : runIn(state, run);
  return there === undefined ? { kind: 'person', member: null, name: '' } : holderOf(there);
}

function heldBy(state: WorkspaceState, within: string, committer: Holder): Holder | undefined {
  for (const entry of indexOf(state, 'gate').overlapping([patternOfPath(within)]))
    if (entry.kind !== 'waiter' && !sameHolder(entry.holder, committer)) return entry.holder;
  return undefined;
}
