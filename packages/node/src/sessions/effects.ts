/** What the actors' decisions do to the world (rule K4): programs started, signalled, ended; sessions purged. */
import fs from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { type ErrorCode, SkeinError } from '@skein/protocol/errors';
import type { SessionState } from '@skein/protocol/sessions/state';
import type { WorkspaceState } from '@skein/protocol/workspaces/state';
import { runDir } from '../host/run-files.ts';
import type { HostPool } from '../hosts/pool.ts';
import { resumeStart, startIn } from '../hosts/starting.ts';
import type { KernelApi } from '../kernel/types.ts';
import { workspaceEnvironment } from '../workspaces/environment.ts';
import { sandboxArgv } from '../workspaces/sandbox/sandbox-argv.ts';
import { checkProgram } from './program.ts';
import type { SignalRun, Started, StartRun } from './run-words.ts';
import type { Sessions } from './service.ts';

/** Milliseconds until a removal is tried again, and what is waited for: a full disk, a log that is mended. */
const PURGE_AGAIN_MS = 500;
const WAITED_FOR: readonly ErrorCode[] = ['storage_unavailable', 'log_damaged'];

const forever = () => new Promise<never>(() => {});

export interface EffectsContext {
  kernel: KernelApi;
  hosts: HostPool;
  sessions: Sessions;
  home: string;
}

/** Registers the effects that the actors ask for. Called once, before the kernel starts. */
export function registerEffects(context: EffectsContext): void {
  const effects = new Effects(context);
  const { kernel } = context;
  kernel.registerEffect({
    kind: 'start-run',
    idempotent: true,
    run: (body, ctx) => effects.startRun(body as StartRun, ctx.resumed),
  });
  // A bare signal that may have arrived is not sent twice.
  kernel.registerEffect({
    kind: 'signal-run',
    idempotent: false,
    run: (body) => effects.signalRun(body as SignalRun),
  });
  kernel.registerEffect({
    kind: 'stop-run',
    idempotent: true,
    run: (body, ctx) => effects.stopRun(body as SignalRun, ctx.signal),
  });
  kernel.registerEffect({
    kind: 'purge-session',
    idempotent: true,
    run: (body, { signal }) => effects.purge((body as { id: string }).id, signal),
  });
}

class Effects {
  readonly #kernel: KernelApi;
  readonly #hosts: HostPool;
  readonly #sessions: Sessions;
  readonly #home: string;

  constructor({ kernel, hosts, sessions, home }: EffectsContext) {
    this.#kernel = kernel;
    this.#hosts = hosts;
    this.#sessions = sessions;
    this.#home = home;
  }

  /** Starts a program once, whatever is killed in between (H4). */
  async startRun(body: StartRun, resumed: boolean): Promise<Started> {
    try {
      if (resumed) {
        const there = await resumeStart(this.#hosts, this.#home, body.run);
        if (there !== undefined) return there;
      }
      const env = body.env === null ? {} : this.#sessions.environments.take(body.env);
      checkProgram(body.argv, body.cwd, env.PATH ?? '');
      const argv = await this.#argv(body, env);
      const host = await this.#hosts.place(body.run, 'pty');
      const { run, cwd, cols, rows, keep } = body;
      const started = await startIn(this.#hosts, this.#home, host, {
        run,
        argv,
        cwd,
        cols,
        rows,
        ...(keep === undefined ? {} : { journalBytes: keep }),
        env: {
          ...env,
          SKEIN_SESSION: body.session,
          ...(body.workspace === undefined ? {} : workspaceEnvironment(this.#home, body.workspace)),
        },
      });
      this.#sessions.setPresence(run, { attached: 0, cols, rows });
      return started;
    } finally {
      if (body.env !== null) this.#sessions.environments.drop(body.env);
    }
  }

  async #argv(body: StartRun, env: Record<string, string>): Promise<string[]> {
    if (body.sandboxed !== true) return body.argv;
    const state = await this.#workspace(body.workspace ?? '');
    const base = state.source?.kind === 'worktree' ? (await this.#workspace(state.source.of)).root : '';
    const boxed = { ...body, base: base === '' ? undefined : base };
    return sandboxArgv(state, boxed, env, fs.realpathSync(this.#home));
  }

  async #workspace(id: string): Promise<WorkspaceState> {
    return (await this.#kernel.state<WorkspaceState>(`workspace/${id}`)).state;
  }

  async signalRun({ host, run, signal }: SignalRun): Promise<unknown> {
    return this.#hosts.get(host).request('signal', { run, signal });
  }

  /** Asks the program to end, and ends it when it has not by the end of its grace. */
  async stopRun({ session, host, run, signal, grace }: SignalRun, aborted: AbortSignal): Promise<unknown> {
    await this.#hosts.get(host).request('signal', { run, signal });
    const ended = (state: SessionState) => state.run?.run !== run || state.run.state !== 'running';
    const limit = AbortSignal.any([AbortSignal.timeout(grace ?? 0), aborted]);
    if (ended(await this.#sessions.until(session, ended, limit))) return { killed: false };
    if (aborted.aborted) throw new SkeinError('node_unreachable', 'The node is going down.');
    await this.#hosts.get(host).request('signal', { run, signal: 'SIGKILL' });
    return { killed: true };
  }

  /** Nobody can ask for it again: what stands in the way of it is waited for, at last by the next start. */
  async purge(id: string, aborted: AbortSignal): Promise<unknown> {
    for (;;) {
      try {
        return await this.#purge(id);
      } catch (thrown) {
        if (!aborted.aborted && !WAITED_FOR.includes(SkeinError.from(thrown).code)) throw thrown;
        // Going down, it never ends: the next start takes it up again.
        await sleep(PURGE_AGAIN_MS, undefined, { ref: false, signal: aborted }).catch(() => forever());
      }
    }
  }

  async #purge(id: string): Promise<unknown> {
    const stream = `session/${id}`;
    if (this.#kernel.head(stream) !== undefined) {
      const { run } = await this.#sessions.session(id);
      if (run !== null) fs.rmSync(runDir(this.#home, run.run), { recursive: true, force: true });
      await this.#kernel.purge(stream);
    }
    return {};
  }
}
