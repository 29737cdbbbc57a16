/** Answers what clients ask about workspaces (see protocol's workspaces/asks.ts). */
import { SkeinError } from '@skein/protocol/errors';
import { sizeOf } from '@skein/protocol/keyed';
import type { IndexedWorkspace } from '@skein/protocol/sessions/node-state';
import type { ListedWorkspace, WorkspaceAsks, WorkspaceShown } from '@skein/protocol/workspaces/asks';
import type { WorkspaceState } from '@skein/protocol/workspaces/state';
import type { Handlers } from '../sessions/ask-call.ts';
import { allClaims, claimHandlers } from './claims/asks.ts';
import { committingHandler } from './guard/asks.ts';
import { type ChangesContext, changesHandler } from './landing/asks.ts';
import type { Leases } from './leases/leases.ts';
import { freshFrom } from './trees/fresh.ts';

/** Milliseconds that `prepared` waits unless told otherwise. */
const WAIT_MS = 3_600_000;

export interface WorkspaceAskContext extends ChangesContext {
  leases: Pick<Leases, 'left' | 'asked' | 'forsaken'>;
  /** What git tells of its progress; null when nothing is fetched. */
  progress(workspace: string): string | null;
  /** How what comes round all claims is seen. */
  watched(workspace: string): WorkspaceShown['watched'];
}

type Answered = 'workspaces' | 'workspace' | 'prepared';

export function workspaceHandlers(context: WorkspaceAskContext): Handlers<keyof WorkspaceAsks> {
  return {
    ...livesHandlers(context),
    ...claimHandlers(context),
    ...changesHandler(context),
    ...committingHandler(context),
  };
}

function livesHandlers(context: WorkspaceAskContext): Handlers<Answered> {
  const { workspaces } = context;
  const shown = async (one: IndexedWorkspace) => shownOf(one, await workspaces.workspace(one.id), context);
  return {
    async workspaces() {
      const all = await workspaces.list();
      return Promise.all(all.map(async (one) => listedOf(one, await workspaces.workspace(one.id))));
    },
    async workspace({ workspace }) {
      return shown(await workspaces.find(workspace));
    },
    async prepared({ workspace, timeout }, { aborted }) {
      const one = await workspaces.find(workspace);
      const limit = AbortSignal.any([aborted, AbortSignal.timeout(timeout ?? WAIT_MS)]);
      const state = await workspaces.until(one.id, ({ life }) => life !== 'preparing', limit);
      if (state.life === 'removed' || state.life === 'none')
        throw new SkeinError('gone', `Workspace "${one.name}" was removed meanwhile.`);
      return shownOf({ ...one, life: state.life }, state, context);
    },
  };
}

function listedOf(one: IndexedWorkspace, state: WorkspaceState): ListedWorkspace {
  const { id, name, root, of, created, life } = one;
  return {
    ...{ id, name, root, life, of, created },
    kind: one.kind as ListedWorkspace['kind'],
    runs: Object.keys(state.runs).length,
    claims: sizeOf(state.claims),
    ...(state.compose === undefined ? {} : { compose: state.compose }),
  };
}

function shownOf(
  one: IndexedWorkspace,
  state: WorkspaceState,
  { leases, progress, watched }: WorkspaceAskContext,
): WorkspaceShown {
  const { source, strict, keep, why, git, runs, conflicts, landings, setup, teardown, brought } = state;
  if (source === null) throw new SkeinError('gone', `Workspace "${one.name}" was removed meanwhile.`);
  return {
    ...listedOf(one, state),
    ...{ source, strict, keep, why, git, conflicts, landings, setup, teardown },
    doing: progress(one.id),
    inside: Object.values(runs),
    held: allClaims(state, (...claim) => leases.left(...claim)).filter(({ fence }) => fence !== null),
    watched: watched(one.id),
    ...(brought === undefined ? {} : { brought: freshFrom(brought) }),
  };
}
