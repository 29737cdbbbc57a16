/** Answers what has changed in a workspace: of a worktree against what it would land on, of any other what is not committed. */
import { SkeinError } from '@skein/protocol/errors';
import type { Fresh, WorkspaceAsks } from '@skein/protocol/workspaces/asks';
import type { WorkspaceState } from '@skein/protocol/workspaces/state';
import type { Handlers } from '../../sessions/ask-call.ts';
import type { GitOptions } from '../git.ts';
import { repositoryAt } from '../making/repository.ts';
import type { Workspaces } from '../service.ts';
import { tipOf } from './branch-move.ts';
import { changesIn } from './changes.ts';
import { earlierOf, upstreamOf } from './upstream.ts';

export interface ChangesContext {
  workspaces: Workspaces;
  /** Brings what the workspace's agent has done on another machine; undefined where it works here. */
  brought(workspace: string, signal: AbortSignal): Promise<Fresh | undefined>;
}

export function changesHandler({
  workspaces,
  brought,
}: ChangesContext): Handlers<keyof WorkspaceAsks & 'changes'> {
  return {
    async changes({ workspace, stat = false, onto }, { aborted: signal }) {
      const { id, name, root } = await workspaces.find(workspace);
      const state = await workspaces.workspace(id);
      if (state.life === 'preparing' || state.life === 'removed')
        throw new SkeinError('not_found', `Workspace "${name}" is not ready.`, { life: state.life });
      const fresh = state.agent?.on === undefined ? undefined : await brought(id, signal);
      const against = await landsOn(workspaces, state, onto, { signal });
      const changes = await changesIn(root, { ...against, stat }, { signal });
      return {
        workspace: { id, name, root },
        ...changes,
        ...(fresh === undefined ? {} : { brought: fresh }),
      };
    },
  };
}

/** The branch, and from which commit on all is new; null for what lands nowhere. */
async function landsOn(
  workspaces: Workspaces,
  { id, source, root }: WorkspaceState,
  wanted: string | undefined,
  options: GitOptions,
): Promise<{ onto: string | null; upstream: string | null }> {
  const nowhere = { onto: null, upstream: null };
  if (source?.kind !== 'worktree') return nowhere;
  const base = await workspaces.workspace(source.of);
  const found = base.life === 'ready' ? await repositoryAt(base.root, options) : undefined;
  const work = await repositoryAt(root, options);
  const onto = wanted ?? found?.branch ?? null;
  if (onto === null || work === undefined || work.head === null) return nowhere;
  const ontoTip = await tipOf(root, onto, options);
  if (ontoTip === undefined) throw new SkeinError('not_found', `There is no branch ${onto}.`);
  const sides = { branch: work.branch ?? 'HEAD', tip: work.head, onto, ontoTip };
  const { upstream } = await upstreamOf(root, sides, earlierOf(base, { from: id, landing: null }), options);
  return { onto, upstream };
}
