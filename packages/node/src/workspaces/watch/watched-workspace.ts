/** One workspace as the node watches it (rule W4): what is claimed goes to the worker, what was written comes back and is judged. */
import { SkeinError } from '@skein/protocol/errors';
import { NODE_ITSELF } from '@skein/protocol/members/who';
import type { WorkspaceShown } from '@skein/protocol/workspaces/asks';
import type { Claim, WorkspaceState } from '@skein/protocol/workspaces/state';
import type { KernelApi } from '../../kernel/types.ts';
import { now } from './clock.ts';
import { Conflicts, type Seen } from './conflicts.ts';
import { Evidence } from './evidence.ts';
import type { FromWorker, ToWorker } from './messages.ts';
import { Shells } from './shells.ts';

/** Milliseconds until a workspace is watched again that could not be. */
const AGAIN_MS = 30_000;

export interface WatchContext {
  kernel: KernelApi;
  send(message: ToWorker): void;
  log(level: 'info' | 'warn' | 'error', message: string, data?: Record<string, unknown>): void;
}

export class WatchedWorkspace {
  readonly #context: WatchContext;
  readonly #id: string;
  readonly #evidence = new Evidence();
  readonly #conflicts = new Conflicts(this.#evidence);
  readonly #shells = new Map<string, Shells>();
  /** As the worker has them; undefined while it does not watch. */
  #told: Map<string, Claim> | undefined;
  #held = new Map<string, Claim>();
  #state: WorkspaceState | undefined;
  #why: string | null = null;
  #off = false;
  /** The worker has looked through what it was first told of. */
  #ready = false;
  #unfollow: () => void = () => {};
  #timer: NodeJS.Timeout | undefined;
  #again: NodeJS.Timeout | undefined;
  #stopped = false;
  #sending: Promise<void> = Promise.resolve();

  constructor(context: WatchContext, id: string) {
    this.#context = context;
    this.#id = id;
    void this.#follow();
  }

  get status(): WorkspaceShown['watched'] {
    if (this.#off) return { on: false, why: this.#why };
    if (this.#ready) return { on: true, why: this.#why };
    if (this.#told !== undefined) return { on: false, why: 'What is claimed is being looked through.' };
    return { on: false, why: 'Nothing in it is claimed, or nobody works in it.' };
  }

  stop(): void {
    this.#stopped = true;
    this.#unfollow();
    clearTimeout(this.#timer);
    clearTimeout(this.#again);
    for (const shells of this.#shells.values()) shells.stop();
    if (this.#told !== undefined) this.#context.send({ type: 'forget', workspace: this.#id });
    this.#told = undefined;
  }

  take(message: FromWorker): void {
    if (this.#stopped || this.#told === undefined) return;
    switch (message.type) {
      case 'written':
        this.#written(message.written);
        return;
      case 'watching':
        this.#ready = true;
        this.#why = null;
        return;
      case 'missed':
        this.#context.log(
          'warn',
          'The system told of more writes than it could keep; claimed files were looked at again.',
          {
            workspace: this.#id,
          },
        );
        this.#why =
          'So much was written that the system dropped some of what it tells; all that is claimed was looked at again.';
        return;
      case 'off':
        this.lost(SkeinError.fromBody(message.error).message);
    }
  }

  /** It is not watched any more; tried again after a while. */
  lost(why: string): void {
    if (this.#stopped || this.#told === undefined) return;
    this.#told = undefined;
    this.#ready = false;
    this.#off = true;
    this.#why = why;
    this.#context.log('warn', 'A workspace is not watched.', { workspace: this.#id, why });
    clearTimeout(this.#again);
    this.#again = setTimeout(() => {
      this.#off = false;
      this.#compare();
    }, AGAIN_MS);
  }

  async #follow(): Promise<void> {
    const { kernel } = this.#context;
    const stream = `workspace/${this.#id}`;
    for (;;) {
      const changed = Promise.withResolvers<void>();
      this.#unfollow = kernel.changed(stream, changed.resolve);
      let state = kernel.peek<WorkspaceState>(stream);
      try {
        state ??= (await kernel.state<WorkspaceState>(stream)).state;
      } catch {
        // Being mended; it changes when it is.
      }
      if (this.#stopped) return;
      if (state !== undefined && state !== this.#state) this.#update(state);
      await changed.promise;
      if (this.#stopped) return;
    }
  }

  #update(state: WorkspaceState): void {
    this.#state = state;
    const { added, removed } = this.#evidence.update(state, now());
    for (const { claim } of removed) this.#held.delete(claim);
    for (const one of added) this.#held.set(one.claim, one);
    this.#followShells(state);
    this.#compare();
  }

  /** What the worker has against what it should. */
  #compare(): void {
    const state = this.#state;
    if (state === undefined || this.#off || this.#stopped) return;
    const { send } = this.#context;
    const workspace = this.#id;
    const wanted = state.life === 'ready' && Object.keys(state.runs).length > 0 && this.#held.size > 0;
    if (!wanted) {
      if (this.#told !== undefined) send({ type: 'forget', workspace });
      this.#told = undefined;
      this.#ready = false;
      return;
    }
    if (this.#told === undefined) send({ type: 'watch', workspace, root: state.root, folds: state.folds });
    const told = this.#told ?? new Map<string, Claim>();
    const removed = [...told.values()].filter((one) => this.#held.get(one.claim) !== one);
    const added = [...this.#held.values()].filter((one) => told.get(one.claim) !== one);
    this.#told = new Map(this.#held);
    if (added.length + removed.length === 0) return;
    const globs = (claims: readonly Claim[]) => claims.map(({ claim, globs: of }) => ({ claim, globs: of }));
    send({ type: 'claims', workspace, added: globs(added), removed: globs(removed) });
  }

  #followShells({ runs }: WorkspaceState): void {
    const sessions = new Set(
      Object.values(runs).flatMap(({ session, agent }) => (agent === null ? [] : [session])),
    );
    for (const [session, shells] of this.#shells) {
      if (sessions.has(session)) continue;
      shells.stop();
      this.#shells.delete(session);
    }
    for (const session of sessions) {
      if (this.#shells.has(session)) continue;
      const shells = new Shells(this.#context.kernel, session, {
        began: (run, call, at) => this.#evidence.shellBegan(run, call, at),
        ended: (run, call, at) => this.#evidence.shellEnded(run, call, at),
        turnEnded: (run, at) => this.#evidence.shellsEnded(run, at),
      });
      this.#shells.set(session, shells);
    }
  }

  #written(written: readonly Seen[]): void {
    this.#conflicts.add(written, now());
    this.#plan();
  }

  #plan(): void {
    const wait = this.#conflicts.next(now());
    clearTimeout(this.#timer);
    if (wait === undefined || this.#stopped) return;
    this.#timer = setTimeout(() => {
      this.#tell();
      this.#plan();
    }, wait);
  }

  #tell(): void {
    for (const body of this.#conflicts.take(now())) {
      const command = { target: `workspace/${this.#id}`, type: 'conflict.add', body };
      this.#sending = this.#sending.then(async () => {
        const reply = await this.#context.kernel.submit(NODE_ITSELF, command);
        if (!reply.ok) this.#context.log('warn', 'A conflict could not be recorded.', { path: body.path });
      });
    }
  }
}
