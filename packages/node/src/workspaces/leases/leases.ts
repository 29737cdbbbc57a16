/**
 * The leases of claims: kept on the node's monotonic clock, in memory, so that no clock that is set and no time that the node
 * was away ends or lengthens any. When one has passed, the workspace's actor is told (rule W1).
 */
import { NODE_ITSELF } from '@skein/protocol/members/who';
import { type NodeState, workspacesIn } from '@skein/protocol/sessions/node-state';
import type { SessionState } from '@skein/protocol/sessions/state';
import { isFenced } from '@skein/protocol/workspaces/holder';
import type { Claim, RunIn, WorkspaceState } from '@skein/protocol/workspaces/state';
import type { KernelApi } from '../../kernel/types.ts';
import { type Liveness, livenessOf } from './liveness.ts';
import { Terms } from './terms.ts';

/** Milliseconds between two looks at the clock, at most. One that comes much later shows that the node itself stood still. */
const TICK_MS = 5_000;
const STOOD_STILL_MS = 2_000;

interface LeasesOptions {
  kernel: Pick<KernelApi, 'state' | 'peek' | 'head' | 'changed' | 'submit'>;
  /** Milliseconds that only grow. */
  clock?: () => number;
  log(level: 'warn', message: string, data: Record<string, unknown>): void;
}

interface Followed {
  terms: Terms;
  stop: () => void;
}

export class Leases {
  readonly #options: LeasesOptions;
  readonly #clock: () => number;
  readonly #followed = new Map<string, Followed>();
  /** What was looked at last: most events of the node are about something else. */
  #seen: NodeState['workspaces'] | undefined;
  #unfollow: (() => void) | undefined;
  #timer: NodeJS.Timeout | undefined;
  #due = Infinity;
  #ticking = false;
  #stopped = false;

  constructor(options: LeasesOptions) {
    this.#options = options;
    this.#clock = options.clock ?? (() => performance.now());
  }

  /** Every claim has a full term from now on. */
  start(): void {
    this.#followAll();
  }

  stop(): void {
    this.#stopped = true;
    this.#unfollow?.();
    for (const { stop } of this.#followed.values()) stop();
    this.#followed.clear();
    clearTimeout(this.#timer);
  }

  /** Milliseconds until a claim's lease ends unless its holder is seen to live, or renews it. */
  left(workspace: string, claim: Claim): number {
    const end = this.#followed.get(workspace)?.terms.endOf(claim);
    return end === undefined ? claim.lease : Math.max(0, end - this.#clock());
  }

  /** Whoever waits for a claim has asked for it: it is kept waiting. */
  asked(workspace: string, claim: string): void {
    this.#followed.get(workspace)?.terms.asked(claim, this.#clock());
  }

  /** Whoever waits for a claim was cut off: it is kept waiting for a moment only, and so is what they are granted meanwhile. */
  forsaken(workspace: string, claim: string): void {
    this.#followed.get(workspace)?.terms.forsaken(claim, this.#clock());
    this.#arm();
  }

  /** Every workspace there is, and those that come. */
  #followAll(): void {
    if (this.#stopped) return;
    const { kernel } = this.#options;
    this.#unfollow = kernel.changed('node', () => this.#followAll());
    const node = kernel.peek<NodeState>('node');
    if (node === undefined) void kernel.state('node').then(() => this.#takeAll(kernel.peek('node')));
    else this.#takeAll(node);
  }

  #takeAll(node: NodeState | undefined): void {
    if (node === undefined || this.#stopped || node.workspaces === this.#seen) return;
    this.#seen = node.workspaces;
    const there = new Set(workspacesIn(node).map(({ id }) => id));
    for (const [id, { stop }] of this.#followed) {
      if (there.has(id)) continue;
      stop();
      this.#followed.delete(id);
    }
    for (const id of there) {
      if (this.#followed.has(id)) continue;
      if (this.#options.kernel.head(streamOf(id)) === undefined) {
        this.#seen = undefined;
        continue;
      }
      const followed: Followed = { terms: new Terms(), stop: () => {} };
      this.#followed.set(id, followed);
      this.#follow(id, followed);
    }
  }

  #follow(id: string, followed: Followed): void {
    const { kernel } = this.#options;
    if (this.#stopped || this.#followed.get(id) !== followed || kernel.head(streamOf(id)) === undefined)
      return;
    followed.stop = kernel.changed(streamOf(id), () => this.#follow(id, followed));
    const take = (state: WorkspaceState) => {
      followed.terms.follow(state, this.#clock());
      this.#arm();
    };
    const state = kernel.peek<WorkspaceState>(streamOf(id));
    if (state !== undefined) take(state);
    else
      kernel.state<WorkspaceState>(streamOf(id)).then(
        ({ state }) => take(state),
        (error) => this.#tell('A workspace cannot be read: its claims end when it can.', error),
      );
  }

  #arm(): void {
    let next = Infinity;
    for (const { terms } of this.#followed.values()) next = Math.min(next, terms.next);
    if (this.#stopped || this.#ticking || next === Infinity) return;
    const now = this.#clock();
    const due = Math.min(now + TICK_MS, Math.max(next, now));
    if (this.#timer !== undefined && due >= this.#due) return;
    clearTimeout(this.#timer);
    this.#due = due;
    this.#timer = setTimeout(() => void this.#tick(), due - now).unref();
  }

  async #tick(): Promise<void> {
    this.#timer = undefined;
    this.#ticking = true;
    const late = this.#clock() - this.#due;
    // As when the machine slept: nobody could renew anything, or ask for it.
    if (late > STOOD_STILL_MS) for (const { terms } of this.#followed.values()) terms.shift(late);
    try {
      for (const [id, { terms }] of [...this.#followed]) await this.#look(id, terms);
    } catch (error) {
      this.#tell('What has become of leases is looked at again.', error);
    }
    this.#ticking = false;
    this.#arm();
  }

  async #look(id: string, terms: Terms): Promise<void> {
    for (const run of terms.toLookAt(this.#clock()))
      if (renews(run, await this.#liveness(run))) terms.lives(run.run, this.#clock());
    terms.recount();
    const { claims, waiters } = terms.over(this.#clock());
    for (const claim of claims) await this.#expire(id, terms, claim);
    for (const claim of waiters) {
      await this.#submit(id, 'waiter.expire', { claim });
      terms.asked(claim, this.#clock());
    }
    if (claims.length + waiters.length > 0) terms.recount();
  }

  /** One whose process has ended has left, though nobody has told so. */
  async #expire(id: string, terms: Terms, held: Claim): Promise<void> {
    const { claim, fence, n, holder } = held;
    terms.again(held, this.#clock());
    const run = holder.kind === 'run' ? this.#runOf(id, holder.run) : undefined;
    const ended = holder.kind === 'run' && (run === undefined || (await this.#liveness(run)) === 'ended');
    if (ended && run !== undefined) await this.#submit(id, 'run.left', { run: run.run, again: false });
    else await this.#submit(id, 'claim.expire', { claim, fence, n, ended });
  }

  #runOf(workspace: string, run: string): RunIn | undefined {
    const state = this.#options.kernel.peek<WorkspaceState>(streamOf(workspace));
    return state !== undefined && Object.hasOwn(state.runs, run) ? state.runs[run] : undefined;
  }

  async #liveness(run: RunIn): Promise<Liveness> {
    const { kernel } = this.#options;
    const stream = `session/${run.session}`;
    if (kernel.head(stream) === undefined) return 'ended';
    return livenessOf((await kernel.state<SessionState>(stream)).state, run);
  }

  async #submit(id: string, type: string, body: unknown): Promise<void> {
    const reply = await this.#options.kernel.submit(NODE_ITSELF, { target: streamOf(id), type, body });
    if (!reply.ok) this.#tell('A lease that has passed could not be ended.', reply.error);
  }

  #tell(message: string, error: unknown): void {
    if (!this.#stopped) this.#options.log('warn', message, { error: (error as Error).message });
  }
}

/**
 * Whether what was seen of a run renews its claims. One that is stopped may have a write under way that nobody can take back;
 * but where all its writes pass the node, the fence keeps a later one out.
 */
function renews({ strength }: RunIn, liveness: Liveness): boolean {
  return liveness === 'stopped' ? !isFenced(strength) : liveness !== 'ended';
}

const streamOf = (workspace: string): string => `workspace/${workspace}`;
