/**
 * The effects by which work lands, and is taken back (rules K4, W5). Each may be cut off anywhere by the node's end, and comes to the
 * same when it is done again.
 */
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { SkeinError } from '@skein/protocol/errors';
import { NODE_ITSELF } from '@skein/protocol/members/who';
import { type NodeState, workspacesIn } from '@skein/protocol/sessions/node-state';
import type { WorkspaceEvents } from '@skein/protocol/workspaces/events';
import { MAX_HOOK_OUTPUT } from '@skein/protocol/workspaces/limits';
import type { Landing, WorkspaceState } from '@skein/protocol/workspaces/state';
import type { EffectContext, KernelApi } from '../../kernel/types.ts';
import {
  CANCEL_LANDING,
  FORGET_LANDING,
  heldFor,
  LAND,
  type LandingEnd,
  UNDO_LANDING,
} from '../decide-landings.ts';
import { Turns } from '../gate/turns.ts';
import { type LandingFacts, type LandingPorts, land } from './land.ts';
import { LandingStop } from './stop.ts';
import { endMoves, forgetLanding, undo } from './undo.ts';
import { earlierOf } from './upstream.ts';

export interface LandingsContext {
  kernel: KernelApi;
  home: string;
  /** Brings what the tree's agent has done on another machine; `as` leaves it at what was brought last. Throws LandingStop. */
  bring(workspace: string, signal: AbortSignal, as: boolean): Promise<void>;
  /** It has landed: the agent's tree there goes on from that, as far as it can be reached. Never rejects. */
  landed(workspace: string): Promise<void>;
}

/** Milliseconds after which a tree is tried to be taken back again. */
const AGAIN_MS = 5_000;
/** Characters of a sentence that is told. */
const MAX_TOLD = 4_096;

export class Landings {
  readonly #context: LandingsContext;
  #stopped = false;
  /** Of each landing: what was left of it is not ended while it is undone. */
  readonly #turns = new Turns();
  readonly #running = new Map<string, { stop: AbortController; ended: Promise<unknown> }>();

  constructor(context: LandingsContext) {
    this.#context = context;
    const effect = (
      kind: string,
      run: (base: string, landing: string, ctx: EffectContext) => Promise<unknown>,
    ) =>
      context.kernel.registerEffect({
        kind,
        idempotent: true,
        run: (body, ctx) => run(ctx.target, (body as { landing: string }).landing, ctx),
      });
    effect(LAND, (base, id, ctx) =>
      this.#watched(id, ctx, (signal) => this.#land(base, id, ctx.resumed, signal)),
    );
    effect(UNDO_LANDING, (base, id, ctx) =>
      this.#watched(id, ctx, () => this.#turns.after(id, () => this.#undo(base, id, ctx.resumed))),
    );
    effect(CANCEL_LANDING, async (_, id) => this.#running.get(id)?.stop.abort());
    effect(FORGET_LANDING, (base, id, { signal }) => this.#forget(base, id, signal));
  }

  /** Lets a branch that is moving come to where it goes: that takes a moment. The rest goes on at the next start. */
  async stop(): Promise<void> {
    this.#stopped = true;
    const all = [...this.#running.values()];
    for (const { stop } of all) stop.abort();
    await Promise.allSettled(all.map(({ ended }) => ended));
  }

  #watched(
    id: string,
    ctx: EffectContext,
    work: (signal: AbortSignal) => Promise<unknown>,
  ): Promise<unknown> {
    const stop = new AbortController();
    const ended = work(AbortSignal.any([ctx.signal, stop.signal]));
    this.#running.set(id, { stop, ended });
    return ended
      .finally(() => this.#running.delete(id))
      .catch(async (error) => {
        // Cut off by the node's end it has no outcome: it is gone on with at the next start.
        if (this.#stopped) await new Promise(() => {});
        throw error;
      });
  }

  async #land(base: string, id: string, resumed: boolean, signal: AbortSignal): Promise<LandingEnd> {
    const state = await this.#state(base);
    const landing = landingIn(state, id);
    // One that a killed node had begun is taken back: its next step is refused.
    if (landing.cancelled && !resumed) throw new SkeinError('gone', 'It was cancelled.');
    const { fromRoot, fromName, onto, how, check, words } = landing;
    const plan = {
      ...{ landing: id, from: fromRoot, name: fromName, base: state.root, onto: onto === '' ? null : onto },
      ...{ how, check, message: words, scratch: path.join(this.#context.home, 'landings', id) },
      earlier: earlierOf(state, landing),
    };
    const held = new Set<string>();
    const ports: LandingPorts = {
      options: { signal },
      step: (facts) => this.#step(base, id, facts),
      hold: (dir, paths) => this.#hold(dir, { landing: id, name: fromName, paths: [...paths] }, held),
    };
    try {
      if (!landing.cancelled && (landing.step === null || landing.step === 'commit'))
        await this.#context.bring(landing.from, signal, landing.brought === true);
      const landed = await land(plan, ports, resumed ? landing : undefined);
      await this.#context.landed(landing.from);
      const message = landed.message?.slice(0, MAX_TOLD) ?? null;
      return { ...landed, message, state: 'landed', output: landed.output.slice(-MAX_HOOK_OUTPUT) };
    } catch (error) {
      return stopped('stopped', error);
    } finally {
      await this.#unhold(id, resumed ? await this.#heldBefore(id, held) : held);
    }
  }

  async #undo(base: string, id: string, resumed: boolean): Promise<LandingEnd> {
    const state = await this.#state(base);
    const { onto, before, after, fromName } = landingIn(state, id);
    if (before === null || after === null) throw new SkeinError('internal', 'It is not known what landed.');
    const held = new Set<string>();
    const hold = (dir: string, paths: readonly string[]) =>
      this.#hold(dir, { landing: id, name: fromName, paths: [...paths] }, held);
    const plan = { landing: id, name: fromName, base: state.root, onto, before, after, hold };
    try {
      const { message } = await undo(plan, {}, resumed);
      return { state: 'undone', message };
    } catch (error) {
      return stopped('landed', error);
    } finally {
      await this.#unhold(id, resumed ? await this.#heldBefore(id, held) : held);
    }
  }

  async #forget(base: string, id: string, signal: AbortSignal): Promise<unknown> {
    for (;;) {
      const { root, landings } = await this.#state(base);
      const landing = landings.find((one) => one.landing === id);
      // It is being undone: that has an end of its own.
      if (landing?.state === 'running' || landing?.state === 'waiting') return {};
      const ended = await this.#turns.after(id, async () => {
        if (landing !== undefined && !(await endMoves(root, landing, {}))) return false;
        await forgetLanding(root, id, {});
        return true;
      });
      if (ended) return this.#forgotten(landing);
      // For want of room, perhaps.
      await sleep(AGAIN_MS, undefined, { signal });
    }
  }

  async #forgotten(landing: Landing | undefined): Promise<unknown> {
    // A worktree that stayed only for what had not landed may go.
    if (landing?.state === 'landed')
      await this.#submit(`workspace/${landing.from}`, 'workspace.landed', {}).catch(() => {});
    return {};
  }

  /** Durable before anything is done of it; refused when it is not to go on. */
  async #step(target: string, landing: string, facts: LandingFacts): Promise<void> {
    await this.#submit(target, 'landing.step', { landing, ...facts });
  }

  /** In the workspace whose tree it is, if it is one's; and in those that it lies in, or that lie in it. */
  async #hold(
    dir: string,
    { paths, ...body }: { landing: string; name: string; paths: string[] },
    held: Set<string>,
  ): Promise<void> {
    const { state } = await this.#context.kernel.state<NodeState>('node');
    for (const { id, root } of workspacesIn(state)) {
      const own = pathsIn(root, dir, paths);
      if (own.length === 0) continue;
      const target = `workspace/${id}`;
      held.add(target);
      await this.#submit(target, 'landing.hold', { ...body, paths: own });
    }
  }

  /** And where a killed node may have held some for it: anywhere. */
  async #heldBefore(landing: string, held: ReadonlySet<string>): Promise<ReadonlySet<string>> {
    const { state } = await this.#context.kernel.state<NodeState>('node');
    const all = new Set(held);
    for (const target of workspacesIn(state).map(({ id }) => `workspace/${id}`)) {
      const there = await this.#state(target).catch(() => undefined);
      if (there !== undefined && heldFor(there, landing).length > 0) all.add(target);
    }
    return all;
  }

  async #unhold(landing: string, held: ReadonlySet<string>): Promise<void> {
    for (const target of held) await this.#submit(target, 'landing.unhold', { landing }).catch(() => {});
  }

  async #submit(target: string, type: string, body: unknown): Promise<void> {
    const reply = await this.#context.kernel.submit(NODE_ITSELF, { target, type, body });
    if (!reply.ok) throw SkeinError.fromBody(reply.error);
  }

  async #state(target: string): Promise<WorkspaceState> {
    return (await this.#context.kernel.state<WorkspaceState>(target)).state;
  }
}

/** Of a tree's paths those that lie in another directory, as they are called there. */
function pathsIn(root: string, dir: string, paths: readonly string[]): string[] {
  if (root === dir) return [...paths];
  const [down, up] = [path.relative(dir, root), path.relative(root, dir)];
  if (!leadsUp(up)) return paths.map((one) => `${up}/${one}`);
  return leadsUp(down)
    ? []
    : paths.flatMap((one) => (one.startsWith(`${down}/`) ? one.slice(down.length + 1) : []));
}

const leadsUp = (relative: string): boolean => relative === '..' || relative.startsWith('../');

function landingIn(state: WorkspaceState, id: string): Landing {
  const landing = state.landings.find((one) => one.landing === id);
  if (landing?.state === 'running') return landing;
  throw new SkeinError('gone', 'That landing is not to go on any more.');
}

/** A stop is an answer; anything else is told in its words as well. */
function stopped(state: WorkspaceEvents['landing.changed']['state'], error: unknown): LandingEnd {
  const { code, message } = SkeinError.from(error);
  // The node goes down, or somebody cancelled it.
  if (code === 'gone') throw error;
  const told = { state, message: message.slice(0, MAX_TOLD) };
  if (!(error instanceof LandingStop)) return told;
  return {
    ...told,
    paths: error.paths,
    ...(error.nothing ? { nothing: true as const } : {}),
    ...(error.output === '' ? {} : { output: error.output.slice(-MAX_HOOK_OUTPUT) }),
  };
}
