/** Watches the workspaces that somebody works in, for what is written under others' claims (rule W4). */
import { type NodeState, workspacesIn } from '@skein/protocol/sessions/node-state';
import type { WorkspaceShown } from '@skein/protocol/workspaces/asks';
import type { KernelApi } from '../../kernel/types.ts';
import { WatchLink } from './watch-link.ts';
import { type WatchContext, WatchedWorkspace } from './watched-workspace.ts';

export class Watchers {
  readonly #kernel: KernelApi;
  readonly #link: WatchLink;
  readonly #context: WatchContext;
  readonly #watched = new Map<string, WatchedWorkspace>();
  #unfollow: () => void = () => {};
  /** What was looked at last: most events of the node are about something else. */
  #seen: NodeState['workspaces'] | undefined;
  #stopped = false;

  constructor({ kernel, log }: Omit<WatchContext, 'send'>) {
    this.#kernel = kernel;
    this.#link = new WatchLink(
      (message) => this.#watched.get(message.workspace)?.take(message),
      (why) => {
        for (const one of this.#watched.values()) one.lost(`Nothing is watched: ${why}.`);
      },
    );
    this.#context = { kernel, log, send: (message) => this.#link.send(message) };
  }

  start(): void {
    void this.#follow();
  }

  /** How what comes round all claims of a workspace is seen. */
  status(workspace: string): WorkspaceShown['watched'] {
    return this.#watched.get(workspace)?.status ?? { on: false, why: 'It is not ready.' };
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#unfollow();
    for (const one of this.#watched.values()) one.stop();
    this.#watched.clear();
    await this.#link.stop();
  }

  async #follow(): Promise<void> {
    while (!this.#stopped) {
      const changed = Promise.withResolvers<void>();
      this.#unfollow = this.#kernel.changed('node', changed.resolve);
      const { state } = await this.#kernel.state<NodeState>('node').catch(() => ({ state: undefined }));
      if (this.#stopped) return;
      if (state !== undefined) this.#update(state);
      await changed.promise;
    }
  }

  #update(state: NodeState): void {
    if (state.workspaces === this.#seen) return;
    this.#seen = state.workspaces;
    const ready = new Set(workspacesIn(state).flatMap(({ id, life }) => (life === 'ready' ? [id] : [])));
    for (const [id, one] of this.#watched) {
      if (ready.has(id)) continue;
      one.stop();
      this.#watched.delete(id);
    }
    for (const id of ready)
      if (!this.#watched.has(id)) this.#watched.set(id, new WatchedWorkspace(this.#context, id));
  }
}
