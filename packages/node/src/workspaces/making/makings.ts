/**
 * The effects by which workspaces come to be and go (rules K4, W5). Each may be cut off anywhere by the node's end: what it does
 * to files is the same done twice; a user's command is recorded before it begins, and never run a second time unasked.
 */
import { SkeinError } from '@skein/protocol/errors';
import { NODE_ITSELF } from '@skein/protocol/members/who';
import type { Hook } from '@skein/protocol/workspaces/commands';
import type { WorkspaceEvents } from '@skein/protocol/workspaces/events';
import { MAX_HOOK_OUTPUT } from '@skein/protocol/workspaces/limits';
import type { WorkspaceState } from '@skein/protocol/workspaces/state';
import type { EffectContext, KernelApi } from '../../kernel/types.ts';
import { mountsIn } from '../../platform/mounts.ts';
import { findByEnvironment, signalGroup } from '../../platform/process.ts';
import {
  PREPARE_WORKSPACE,
  type PrepareWorkspace,
  REMOVE_WORKSPACE,
  type Removed,
  type RemoveWorkspace,
} from '../decide-life.ts';
import type { GitOptions } from '../git.ts';
import { installGuard, removeGuard } from '../guard/install.ts';
import { guardProgram, writeGuard } from '../guard/program.ts';
import { runHook } from './hook.ts';
import { lookAt, makeFiles } from './make.ts';
import { MARK } from './places.ts';
import { type Going, removeFiles, workLeft } from './unmake.ts';
import type { Base } from './worktree.ts';

export interface MakingsContext {
  kernel: Pick<KernelApi, 'registerEffect' | 'state' | 'submit'>;
  home: string;
  /** Where the programs of this build are. */
  bundle: string;
  /** Whether an agent that does not run now will come back to it by itself. */
  awaited(workspace: string): Promise<boolean>;
}

interface UnderWay {
  stop: AbortController;
  ended: Promise<unknown>;
}

type Step = WorkspaceEvents['workspace.step'];

export class Makings {
  readonly #context: MakingsContext;
  readonly #preparing = new Map<string, UnderWay>();
  /** What git last told of its progress, by workspace. */
  readonly #progress = new Map<string, string>();

  constructor(context: MakingsContext) {
    this.#context = context;
    const { kernel } = context;
    kernel.registerEffect({
      kind: PREPARE_WORKSPACE,
      idempotent: true,
      run: (body, ctx) => this.#begin((body as PrepareWorkspace).id, ctx),
    });
    kernel.registerEffect({
      kind: REMOVE_WORKSPACE,
      idempotent: true,
      run: (body, ctx) => this.#remove(body as RemoveWorkspace, ctx),
    });
  }

  /** A line for people, while something is fetched or set up; null otherwise. */
  progress(workspace: string): string | null {
    return this.#progress.get(workspace) ?? null;
  }

  async #begin(id: string, ctx: EffectContext): Promise<unknown> {
    const stop = new AbortController();
    const ended = this.#prepare(id, ctx, AbortSignal.any([ctx.signal, stop.signal]));
    this.#preparing.set(id, { stop, ended });
    return ended.finally(() => {
      this.#preparing.delete(id);
      this.#progress.delete(id);
    });
  }

  async #prepare(id: string, { resumed }: EffectContext, signal: AbortSignal): Promise<unknown> {
    const state = await this.#state(id);
    if (state.life !== 'preparing') throw gone(id);
    if (resumed) endLeft(id);
    const options = this.#options(id, signal);
    const { root, source, name, steps, guard } = state;
    const { home, bundle } = this.#context;
    if (source === null) throw gone(id);
    const setup = await this.#hookOf(state, 'setup');
    if (steps.fetch !== 'done')
      await this.#step(id, 'fetch', signal, async () => {
        const base = await this.#base(state, true);
        return makeFiles({ id, root, name, source, base, options, home });
      });
    if (setup !== null) await this.#hook(state, 'setup', setup, signal);
    if (guard && steps.guard !== 'done')
      await this.#step(id, 'guard', signal, async () => {
        writeGuard(home, bundle);
        return installGuard(root, id, guardProgram(home), options);
      });
    return lookAt({ id, root, options });
  }

  async #remove({ id, force }: RemoveWorkspace, { resumed, signal }: EffectContext): Promise<Removed> {
    const before = this.#preparing.get(id);
    before?.stop.abort();
    await before?.ended.catch(() => {});
    const state = await this.#state(id);
    const { root, source, steps } = state;
    if (state.life !== 'removing' || source === null) throw gone(id);
    if (resumed) endLeft(id);
    const base = await this.#base(state, false);
    const going = { id, root, source, base, options: this.#options(id, signal) };
    const look = async () => (force ? undefined : await whyKept(going, state.keep === 'last'));
    if (steps.remove === undefined) {
      if (!force && (await this.#context.awaited(id)))
        return kept('still_running', 'An agent that rests comes back to it.');
      if (await this.#lands(state))
        return kept('still_running', 'It is landing. Wait for that, or cancel it.');
      const teardown = await this.#hookOf(state, 'teardown');
      if (teardown !== null && state.before === 'ready') {
        const holds = await look();
        if (holds !== undefined) return holds;
        const failed = await this.#hook(state, 'teardown', teardown, signal).then(
          () => undefined,
          (error) => SkeinError.from(error),
        );
        if (signal.aborted) throw gone(id);
        if (failed !== undefined && !force) return kept(failed.code, failed.message);
      }
    }
    // Last of all, and after a cut too: somebody may have worked in it meanwhile.
    const holds = mountedIn(going) ?? (await look());
    if (holds !== undefined) return holds;
    if (steps.remove === undefined)
      await this.#tell(id, { step: 'remove', state: 'begun', code: null, output: '' });
    if (state.guard && source.kind === 'local') await removeGuard(root, id, going.options).catch(() => {});
    return { told: await removeFiles(going, force) };
  }

  /** Begun, done or failed, each told before what follows it. */
  async #step(
    id: string,
    step: Step['step'],
    signal: AbortSignal,
    act: () => Promise<string>,
  ): Promise<void> {
    const told = { step, code: null };
    await this.#tell(id, { ...told, state: 'begun', output: '' });
    try {
      const output = await act();
      await this.#tell(id, { ...told, state: 'done', output: output.slice(-MAX_HOOK_OUTPUT) });
    } catch (error) {
      // Cut off, not failed: it goes on at the next start, or is not wanted any more.
      if (signal.aborted) throw gone(id);
      const { message } = SkeinError.from(error);
      await this.#tell(id, { ...told, state: 'failed', output: message.slice(-MAX_HOOK_OUTPUT) });
      throw error;
    }
  }

  async #hook(
    state: WorkspaceState,
    step: 'setup' | 'teardown',
    hook: Hook,
    signal: AbortSignal,
  ): Promise<void> {
    const { id, root, name, steps } = state;
    // Told before the node ended, which then did not come to tell of the whole.
    if (steps[step] === 'done') return;
    if (steps[step] === 'failed') throw new SkeinError('hook_failed', `Its ${step} has failed.`);
    if (steps[step] === 'begun') {
      const message = `The node ended while its ${step} ran. How far that came is not known, so it is not run again.`;
      await this.#tell(id, { step, state: 'failed', code: null, output: message });
      throw new SkeinError('hook_failed', message);
    }
    await this.#tell(id, { step, state: 'begun', code: null, output: '' });
    const env = {
      ...{ SKEIN_WORKSPACE: id, SKEIN_WORKSPACE_NAME: name, SKEIN_HOME: this.#context.home },
      [MARK]: id,
    };
    this.#progress.set(id, `${step}: ${hook.command}`.slice(0, 200));
    const { ok, code, output, aborted } = await runHook(hook, { root, env, signal });
    this.#progress.delete(id);
    if (aborted) throw gone(id);
    await this.#tell(id, { step, state: ok ? 'done' : 'failed', code, output });
    if (ok) return;
    const how = code === null ? 'was ended' : `ended with status ${code}`;
    throw new SkeinError('hook_failed', `Its ${step} ${how}.`, { code, output: output.slice(-2_000) });
  }

  async #tell(id: string, body: Step): Promise<void> {
    const { kernel } = this.#context;
    const command = { target: `workspace/${id}`, type: 'workspace.stepped', body };
    const reply = await kernel.submit(NODE_ITSELF, command);
    if (!reply.ok) throw SkeinError.fromBody(reply.error);
  }

  /** The workspace that it is a worktree of; undefined when it is none, or that is not there. */
  async #base({ source }: WorkspaceState, ready: boolean): Promise<Base | undefined> {
    if (source?.kind !== 'worktree') return undefined;
    const { life, name, root } = await this.#state(source.of);
    if (ready ? life !== 'ready' : life === 'none' || life === 'removed') return undefined;
    return { name, root };
  }

  /** Whether what it holds is being brought to its base. */
  async #lands({ id, source }: WorkspaceState): Promise<boolean> {
    if (source?.kind !== 'worktree') return false;
    const { landings } = await this.#state(source.of);
    return landings.some((one) => one.from === id && (one.state === 'waiting' || one.state === 'running'));
  }

  /** A worktree that was made for an agent is set up as what it is of. */
  async #hookOf(state: WorkspaceState, which: 'setup' | 'teardown'): Promise<Hook | null> {
    const { source, agent } = state;
    if (state[which] !== null || agent === null || source?.kind !== 'worktree') return state[which];
    // Nothing runs in it here.
    if (agent.on !== undefined) return null;
    return (await this.#state(source.of))[which];
  }

  #options(id: string, signal: AbortSignal): GitOptions {
    return { signal, env: { [MARK]: id }, onProgress: (line) => void this.#progress.set(id, line) };
  }

  async #state(id: string): Promise<WorkspaceState> {
    return (await this.#context.kernel.state<WorkspaceState>(`workspace/${id}`)).state;
  }
}

/** What a node that was killed has left at work on a workspace. */
function endLeft(id: string): void {
  for (const { pid } of findByEnvironment(MARK, id)) signalGroup(pid, 'SIGKILL');
}

/** What is mounted there is not the workspace's: it would go with that, whoever's it is. */
function mountedIn({ root, source }: Going): Removed | undefined {
  const [first] = source.kind === 'local' ? [] : mountsIn(root);
  if (first === undefined) return undefined;
  const message = `Something is mounted on ${first}, and would be emptied with it: umount that first.`;
  return kept('not_allowed', message);
}

/** What of it would be lost; undefined when nothing would. It stays, too, when that cannot be told. */
async function whyKept(going: Going, last: boolean): Promise<Removed | undefined> {
  try {
    const left = await workLeft(going, last);
    return left.length === 0 ? undefined : kept('work_left', `It holds ${left.join('; ')}.`);
  } catch (error) {
    if (going.options.signal?.aborted === true) throw gone(going.id);
    const { code, message } = SkeinError.from(error);
    return kept(code, `What it holds cannot be told, so it stays. ${message}`);
  }
}

function kept(code: string, message: string): Removed {
  return { kept: { code, message: message.slice(0, 4_000) } };
}

function gone(id: string): SkeinError {
  return new SkeinError('gone', `Workspace ${id} is not to be made or removed any more.`);
}
