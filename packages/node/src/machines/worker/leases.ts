/**
 * The leases of hosted sessions in time (rule X3): each lasts its term on this machine's monotonic clock unless home renews
 * it. In memory alone: after a start of the node each has a full term anew.
 */
import { SkeinError } from '@skein/protocol/errors';
import type { Hosted } from '@skein/protocol/machines/hosted';
import { NODE_ITSELF } from '@skein/protocol/members/who';
import { changedSessions, type NodeState, sessionIn } from '@skein/protocol/sessions/node-state';
import type { SessionState } from '@skein/protocol/sessions/state';
import type { KernelApi } from '../../kernel/types.ts';
import { after } from '../../platform/after.ts';
import { type EndLease, leaseLost } from './hosted.ts';

/** Milliseconds until an end that could not be recorded is tried again. */
const AGAIN_MS = 1_000;

interface HostedLeasesOptions {
  kernel: KernelApi;
  /** Milliseconds that only grow. */
  clock?: () => number;
  log(level: 'warn', message: string, data: Record<string, unknown>): void;
}

interface Followed {
  /** The present lease and its term; 0 for none. */
  epoch: number;
  end: number;
  disarm?: (() => void) | undefined;
  unwatch(): void;
}

export class HostedLeases {
  readonly #options: HostedLeasesOptions;
  readonly #clock: () => number;
  readonly #followed = new Map<string, Followed>();
  #unwatch: (() => void) | undefined;
  /** The node's index as it was looked at last. */
  #index: NodeState | undefined;
  #stopped = false;

  constructor(options: HostedLeasesOptions) {
    this.#options = options;
    this.#clock = options.clock ?? (() => performance.now());
  }

  /** Every lease that has not ended has a full term from now on. */
  start(): void {
    this.#followAll();
  }

  stop(): void {
    this.#stopped = true;
    this.#unwatch?.();
    for (const id of [...this.#followed.keys()]) this.#forget(id);
  }

  /** Home says that it is there. Throws `lease_lost` unless the epoch is the present one and has not run out. */
  async renew(session: string, epoch: number): Promise<{ epoch: number; left: number }> {
    const { state } = await this.#options.kernel.state<SessionState>(`session/${session}`);
    const { hosted } = state;
    if (hosted === null)
      throw new SkeinError('not_found', `Session "${state.name}" is at home here: it has no lease.`);
    if (hosted.epoch !== epoch || hosted.ended !== null) throw leaseLost(hosted);
    // Before the index has told of it.
    if (!this.#followed.has(session)) this.#follow(session);
    this.#take(session, hosted);
    const followed = this.#followed.get(session);
    // One that has run out is over, though its end is not in the log yet.
    if (followed !== undefined && followed.end <= this.#clock())
      throw leaseLost({ ...hosted, ended: 'silent' });
    if (followed !== undefined) this.#lasts(session, followed, hosted);
    return { epoch, left: hosted.term };
  }

  /** Every hosted session there is, and those that come. */
  #followAll(): void {
    if (this.#stopped) return;
    const { kernel } = this.#options;
    if (kernel.head('node') === undefined) return;
    // It wakes before the other streams of the same transaction can be read.
    this.#unwatch = kernel.changed('node', () => setImmediate(() => this.#followAll()));
    const node = kernel.peek<NodeState>('node');
    if (node !== undefined) return this.#takeAll(node);
    kernel.state<NodeState>('node').then(
      ({ state }) => this.#takeAll(state),
      () => {},
    );
  }

  #takeAll(node: NodeState): void {
    if (this.#stopped) return;
    const ids = changedSessions(this.#index, node, this.#followed.keys());
    this.#index = node;
    for (const id of ids) {
      const there = sessionIn(node, id)?.hosted !== undefined;
      if (there && !this.#followed.has(id)) this.#follow(id);
      else if (!there && this.#followed.has(id)) this.#forget(id);
    }
  }

  #follow(id: string): void {
    const { kernel } = this.#options;
    const stream = `session/${id}`;
    if (this.#stopped || kernel.head(stream) === undefined) return;
    const followed = this.#followed.get(id) ?? { epoch: 0, end: Infinity, unwatch: () => {} };
    this.#followed.set(id, followed);
    followed.unwatch = kernel.changed(stream, () => {
      if (this.#followed.get(id) === followed) this.#follow(id);
    });
    kernel.state<SessionState>(stream).then(
      ({ state: { hosted } }) => hosted !== null && this.#take(id, hosted),
      (error) => this.#tell('A hosted session cannot be read: its lease is looked at when it can.', error),
    );
  }

  /** The lease as the log has it now: a new one has its whole term before it. */
  #take(id: string, hosted: Hosted): void {
    const followed = this.#followed.get(id);
    if (followed === undefined || this.#stopped) return;
    const epoch = hosted.ended === null ? hosted.epoch : 0;
    if (followed.epoch === epoch) return;
    followed.epoch = epoch;
    if (epoch !== 0) return this.#lasts(id, followed, hosted);
    followed.end = Infinity;
    followed.disarm?.();
  }

  #lasts(id: string, followed: Followed, { term }: Pick<Hosted, 'term'>): void {
    followed.end = this.#clock() + term;
    this.#arm(id, followed, term);
  }

  #arm(id: string, followed: Followed, ms: number): void {
    followed.disarm?.();
    followed.disarm = after(ms, () => void this.#due(id, followed));
  }

  async #due(id: string, followed: Followed): Promise<void> {
    if (this.#stopped || this.#followed.get(id) !== followed || followed.epoch === 0) return;
    const left = followed.end - this.#clock();
    if (left > 0) return this.#arm(id, followed, left);
    const body: EndLease = { epoch: followed.epoch, why: 'silent' };
    const target = `session/${id}`;
    const reply = await this.#options.kernel.submit(NODE_ITSELF, { target, type: 'lease.end', body });
    if (reply.ok) return;
    this.#tell('A lease that has run out could not be ended.', reply.error);
    this.#arm(id, followed, AGAIN_MS);
  }

  #forget(id: string): void {
    const followed = this.#followed.get(id);
    this.#followed.delete(id);
    followed?.unwatch();
    followed?.disarm?.();
  }

  #tell(message: string, error: unknown): void {
    if (!this.#stopped) this.#options.log('warn', message, { error: (error as Error).message });
  }
}
