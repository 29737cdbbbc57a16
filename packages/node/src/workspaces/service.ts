/** The workspaces as the node's other parts see them: read from the log. */
import { SkeinError } from '@skein/protocol/errors';
import { type IndexedWorkspace, type NodeState, workspacesIn } from '@skein/protocol/sessions/node-state';
import type { WorkspaceState } from '@skein/protocol/workspaces/state';
import { meant } from '../actors/meant.ts';
import { stateUntil } from '../actors/until.ts';
import type { KernelApi } from '../kernel/types.ts';
import type { Sessions } from '../sessions/service.ts';
import { insideOf } from './visits.ts';

export class Workspaces {
  readonly #kernel: KernelApi;

  constructor(kernel: KernelApi) {
    this.#kernel = kernel;
  }

  /** The oldest first. */
  async list(): Promise<IndexedWorkspace[]> {
    const { state } = await this.#kernel.state<NodeState>('node');
    return workspacesIn(state);
  }

  async workspace(id: string): Promise<WorkspaceState> {
    return (await this.#kernel.state<WorkspaceState>(`workspace/${id}`)).state;
  }

  /** By its id, its name, the beginning of either, or an absolute path in it. Throws `not_found` or `ambiguous`. */
  async find(ref: string): Promise<IndexedWorkspace> {
    return findWorkspace(await this.list(), ref);
  }

  /** Resolves with the state once it is as wanted; with the present one when aborted before. */
  until(
    id: string,
    wanted: (state: WorkspaceState) => boolean,
    aborted: AbortSignal,
  ): Promise<WorkspaceState> {
    return stateUntil(this.#kernel, `workspace/${id}`, wanted, aborted);
  }
}

/** Whether something works in a workspace, or rests and comes back to it by itself. */
export async function isAwaited(workspace: string, sessions: Sessions): Promise<boolean> {
  for (const { id } of await sessions.list()) {
    const inside = insideOf(await sessions.session(id));
    if (Array.from(inside.values()).some((one) => one.workspace === workspace)) return true;
  }
  return false;
}

export function findWorkspace(all: readonly IndexedWorkspace[], ref: string): IndexedWorkspace {
  if (ref.startsWith('/')) {
    const found = workspaceAt(all, ref);
    if (found !== undefined) return found;
    throw new SkeinError('not_found', `${ref} lies in no workspace. See: skein workspace ls`);
  }
  const found = meant(all, ref, ({ id, name }) => [id, name]);
  if (found.only !== undefined) return found.only;
  const near = found.begun.map(({ id, name }) => ({ id, name }));
  const names = near.map(({ name }) => name).join(', ');
  if (near.length > 1)
    throw new SkeinError('ambiguous', `"${ref}" could be any of: ${names}. Say more of the name or id.`, {
      near,
    });
  throw new SkeinError('not_found', `There is no workspace "${ref}". See: skein workspace ls`, { near });
}

/** The workspace that an absolute path without links lies in: the deepest. */
export function workspaceAt<T extends { root: string }>(all: readonly T[], path: string): T | undefined {
  return workspacesAround(all, path)[0];
}

/** All that it lies in, for one may lie in another: the deepest first. */
export function workspacesAround<T extends { root: string }>(all: readonly T[], path: string): T[] {
  const around = all.filter(({ root }) => path === root || path.startsWith(root === '/' ? '/' : `${root}/`));
  return around.sort((a, b) => b.root.length - a.root.length);
}
