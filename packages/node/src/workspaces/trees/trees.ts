/**
 * The trees of agents that run on other machines, as their home has them (rules X4, W5): a worktree here for each, which is handed over when
 * it begins, and into which comes back what the agent has done, whenever that is asked for and at the end of each of its turns.
 */
import fs from 'node:fs';
import path from 'node:path';
import { SkeinError } from '@skein/protocol/errors';
import { newId } from '@skein/protocol/ids';
import type { FarPlace } from '@skein/protocol/machines/place';
import { NODE_ITSELF } from '@skein/protocol/members/who';
import type { SessionState } from '@skein/protocol/sessions/state';
import type { WorkspaceState } from '@skein/protocol/workspaces/state';
import { stateUntil } from '../../actors/until.ts';
import type { KernelApi } from '../../kernel/types.ts';
import { workspacesDir } from '../facts.ts';
import { type GitOptions, git, gitText, gitYes } from '../git.ts';
import { repositoryAt } from '../making/repository.ts';
import { type AskFar, askTree, fetchBundle } from './carry.ts';
import type { PlaceTree } from './place-tree.ts';
import { farRefs, put, putRecorded } from './put.ts';
import { receive } from './receive.ts';
import { sendTree } from './send.ts';

/** Milliseconds for which it is not told again that nothing has changed. */
const FRESH_MS = 10_000;

export interface TreesContext {
  kernel: KernelApi;
  /** SKEIN_HOME. */
  home: string;
  /** Connects to another node, and does something there. Throws `peer_unreachable` and the like. */
  visit<T>(peer: string, signal: AbortSignal, work: (ask: AskFar) => Promise<T>): Promise<T>;
}

export interface Handing extends Omit<PlaceTree, 'workspaces'> {
  signal: AbortSignal;
  /** Asks the machine that is to have it. */
  ask: AskFar;
  /** How far it is, for people. */
  told?(progress: string): void;
}

export type Brought = NonNullable<WorkspaceState['brought']>;

export class Trees {
  readonly #context: TreesContext;
  /** By workspace: what is being done to its tree; the next waits for it. */
  readonly #work = new Map<string, Promise<unknown>>();

  constructor(context: TreesContext) {
    this.#context = context;
  }

  /**
   * Makes the agent's worktree here, and hands over what is committed in it. Twice is the same as once, and cut off it goes on from there.
   * Throws in words for a person.
   */
  async handOver({ signal, ask, told = () => {}, ...wanted }: Handing): Promise<FarPlace> {
    const { agent: id, workspace } = wanted;
    const { kernel, home } = this.#context;
    const place: PlaceTree = { ...wanted, workspaces: workspacesDir(fs.realpathSync(home)) };
    await this.#submit('node', 'tree.place', place);
    const state = await stateUntil<WorkspaceState>(
      kernel,
      `workspace/${id}`,
      ({ life }) => life !== 'preparing',
      signal,
    );
    const { root, name, life, why } = state;
    if (signal.aborted) throw new SkeinError('node_unreachable', 'The node is going down.');
    if (life !== 'ready')
      throw new SkeinError('not_ready', `Its workspace "${name}" could not be made: ${why}`);
    const options: GitOptions = { signal };
    const tip = await headOf(root, options);
    const branch = await gitText(root, ['symbolic-ref', '--short', 'HEAD'], options);
    const over = { agent: id, workspace, root, tip, ref: `refs/heads/${branch}`, told };
    await sendTree(this.#context.home, ask, over, options);
    const node = (await this.#session(wanted.session)).far[id]?.node ?? '';
    if (state.brought === undefined) await this.#record(id, { head: tip, tip, node, doing: null, left: [] });
    return { upload: tip, head: tip, branch, workspace, name };
  }

  /** The tree of a workspace, if its agent runs on another machine. */
  async isFar(workspace: string): Promise<boolean> {
    return (await this.#state(workspace)).agent?.on !== undefined;
  }

  /**
   * Brings what the agent's tree holds now into its worktree here, unless that is there already. Throws `peer_unreachable` and the like for a machine
   * that is away, `work_left` for work that was done here, `bad_request` for what it sends and is not sound; and `already_running` while it
   * lands, unless it is for that.
   */
  async bring(workspace: string, signal: AbortSignal, lands = false): Promise<Brought> {
    const before = this.#work.get(workspace) ?? Promise.resolve();
    const done = before
      .catch(() => {})
      .then(async () => {
        if (!lands) await this.#checkLanding(workspace);
        return this.#bring(workspace, signal);
      });
    this.#work.set(workspace, done);
    try {
      return await done;
    } finally {
      if (this.#work.get(workspace) === done) this.#work.delete(workspace);
    }
  }

  async #bring(id: string, signal: AbortSignal): Promise<Brought> {
    const state = await this.#state(id);
    const { agent, root, brought, name } = state;
    if (agent?.on === undefined || brought === undefined || state.life !== 'ready')
      throw new SkeinError('not_ready', `Workspace "${name}" has no tree on another machine yet.`);
    const far = (await this.#session(agent.session)).far[agent.agent];
    if (far === undefined || far.session === null)
      throw new SkeinError('gone', `The agent of workspace "${name}" is not on another machine any more.`);
    const { session: ref, node } = far;
    const options: GitOptions = { signal };
    const { on } = agent;
    return this.#context.visit(on, signal, async (ask) => {
      const has = [...new Set([brought.tip, brought.head, await headOf(root, options)])];
      const { bundle, ...held } = await askTree(ask, 'tree', { ref, has });
      const { head, tip, doing, left } = held;
      const same = tip === brought.tip && head === brought.head;
      if (!same) await this.#fetch(ask, { ref, root, tip, bundle }, options);
      if (!same) {
        await checkOn(root, { head, tip }, options);
        const also = await this.#landed(state);
        await put({ id, root, before: brought, to: { head, tip }, also }, options);
      }
      const now = { head, tip, doing, left, node };
      const old = Date.now() - brought.at > FRESH_MS || doing !== brought.doing || left.length > 0;
      if (!same || old) await this.#record(id, now);
      await putRecorded(root, id, options);
      await askTree(ask, 'treeKept', { ref, tip });
      const on = await this.#goOn(ask, state, { ref, head, tip }, options);
      if (on !== undefined) await this.#record(id, { ...now, head: on, tip: on });
      return { ...now, at: Date.now() };
    });
  }

  async #fetch(
    ask: AskFar,
    {
      ref,
      root,
      tip,
      bundle,
    }: { ref: string; root: string; tip: string; bundle: { hash: string; size: number } | null },
    options: GitOptions,
  ): Promise<void> {
    if (bundle === null) return;
    const file = path.join(this.#context.home, 'handing', `${newId()}.bundle`);
    try {
      await fetchBundle(ask, { ref, bundle, file });
      await receive(root, { file, tip }, options);
    } finally {
      fs.rmSync(file, { force: true });
    }
  }

  /** What lands must stay as it is. */
  async #checkLanding(id: string): Promise<void> {
    const { source, name } = await this.#state(id);
    if (source?.kind !== 'worktree') return;
    const { landings } = await this.#state(source.of);
    if (landings.some((one) => one.from === id && (one.state === 'running' || one.state === 'waiting')))
      throw new SkeinError('already_running', `"${name}" is landing: nothing is brought back meanwhile.`);
  }

  /** What was brought last. */
  async last(workspace: string): Promise<Brought | undefined> {
    return (await this.#state(workspace)).brought;
  }

  /** Resolves when nothing is being brought. */
  async settled(workspace: string): Promise<void> {
    await this.#work.get(workspace)?.catch(() => {});
  }

  /**
   * What was not committed there has landed as a commit that was made here: that tree goes on from it, so that it does not land again.
   * Undefined where there is none, or it has gone on meanwhile.
   */
  async #goOn(
    ask: AskFar,
    { id, root, source }: WorkspaceState,
    { ref, head, tip }: { ref: string; head: string; tip: string },
    options: GitOptions,
  ): Promise<string | undefined> {
    if (head === tip || source?.kind !== 'worktree') return undefined;
    const { landings } = await this.#state(source.of);
    const landed = landings.findLast((one) => one.from === id && one.after !== null && one.head !== null);
    const to = landed?.head;
    if (to === undefined || to === null || to === head) return undefined;
    const about = (commit: string) =>
      gitText(root, ['show', '--no-patch', '--format=%T %P', commit], { ...options, answers: 'any' });
    // The same files, on top of the same commit.
    if ((await about(to)) !== (await about(tip))) return undefined;
    const { landed: name } = farRefs(id);
    await git(root, ['update-ref', name, to], options);
    const over = { agent: id, workspace: source.of, root, tip: to, ref: name, told: () => {} };
    await sendTree(this.#context.home, ask, over, options);
    return (await askTree(ask, 'treeCommit', { ref, tip, to })).done ? to : undefined;
  }

  /** Commits at which its tree may be because it has landed. */
  async #landed({ id, source }: WorkspaceState): Promise<string[]> {
    if (source?.kind !== 'worktree') return [];
    const { landings } = await this.#state(source.of);
    return landings
      .filter((one) => one.from === id)
      .flatMap(({ head, after }) => [head, after].filter((one) => one !== null));
  }

  async #record(workspace: string, body: Omit<Brought, 'at'>): Promise<void> {
    await this.#submit(`workspace/${workspace}`, 'workspace.bring', body);
  }

  async #submit(target: string, type: string, body: unknown): Promise<void> {
    const reply = await this.#context.kernel.submit(NODE_ITSELF, { target, type, body });
    if (!reply.ok) throw SkeinError.fromBody(reply.error);
  }

  async #state(id: string): Promise<WorkspaceState> {
    return (await this.#context.kernel.state<WorkspaceState>(`workspace/${id}`)).state;
  }

  async #session(id: string): Promise<SessionState> {
    return (await this.#context.kernel.state<SessionState>(`session/${id}`)).state;
  }
}

async function headOf(root: string, options: GitOptions): Promise<string> {
  const found = await repositoryAt(root, options);
  if (found?.head == null) throw new SkeinError('not_a_repository', `${root} is no git tree any more.`);
  return found.head;
}

/** Throws `bad_request` unless the one is the other, or what is not committed on top of it. */
async function checkOn(
  root: string,
  { head, tip }: { head: string; tip: string },
  options: GitOptions,
): Promise<void> {
  const there = await gitYes(root, ['cat-file', '-e', `${tip}^{commit}`], { ...options, answers: 'any' });
  const parents = there
    ? await gitText(root, ['show', '--no-patch', '--format=%P', tip], { ...options, answers: 'any' })
    : '';
  if (there && (head === tip || parents === head)) return;
  throw new SkeinError('bad_request', 'That machine names commits that do not belong together.');
}
