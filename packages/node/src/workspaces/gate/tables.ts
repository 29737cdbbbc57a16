/** The workspaces as the gate knows them, from memory: each one's durable state, its claims by their paths, and what its runs have seen. */
import { SkeinError } from '@skein/protocol/errors';
import { type NodeState, sessionIn } from '@skein/protocol/sessions/node-state';
import type { Claim, WorkspaceState } from '@skein/protocol/workspaces/state';
import type { KernelApi } from '../../kernel/types.ts';
import { type Entry, indexOf } from '../claims/claim-index.ts';
import type { Table } from './looking.ts';
import { Seen } from './seen.ts';
import type { Who } from './words.ts';

type Kernel = Pick<KernelApi, 'cells' | 'changed' | 'head' | 'peek' | 'state' | 'submit'>;

/** Milliseconds until a claim's lease ends, as far as its holder renews it no more. */
export type TimeLeft = (workspace: string, claim: Claim) => number;

interface Known {
  seen: Seen;
  /** The state as it was when it could be seen last. */
  last: WorkspaceState;
  unfollow: () => void;
}

export class Tables {
  readonly #kernel: Kernel;
  readonly #left: TimeLeft;
  readonly #known = new Map<string, Known>();
  readonly #loading = new Map<string, Promise<Known>>();
  #stopped = false;

  constructor(kernel: Kernel, left: TimeLeft) {
    this.#kernel = kernel;
    this.#left = left;
  }

  /** Undefined while it is not in memory, and is being read. */
  now(workspace: string): Table | undefined {
    const known = this.#known.get(workspace);
    const state = this.#kernel.peek<WorkspaceState>(streamOf(workspace));
    if (state === undefined || known === undefined) void this.ready(workspace).catch(() => {});
    // What was known before a repair is held to, until it is read again.
    const present = state ?? known?.last;
    return present === undefined ? undefined : this.#table(workspace, present);
  }

  /** Throws `not_found` where there is no such workspace. */
  async ready(workspace: string): Promise<{ table: Table; seen: Seen }> {
    const known = this.#known.get(workspace) ?? (await this.#load(workspace));
    known.last = (await this.#kernel.state<WorkspaceState>(streamOf(workspace))).state;
    return { table: this.#table(workspace, known.last), seen: known.seen };
  }

  /** Resolves when what runs have seen is kept. */
  async saved(): Promise<void> {
    await Promise.all(Array.from(this.#known.values(), ({ seen }) => seen.saved()));
  }

  stop(): void {
    this.#stopped = true;
    for (const { unfollow } of this.#known.values()) unfollow();
    this.#known.clear();
  }

  #load(workspace: string): Promise<Known> {
    let loading = this.#loading.get(workspace);
    if (loading === undefined) {
      loading = this.#read(workspace).finally(() => this.#loading.delete(workspace));
      this.#loading.set(workspace, loading);
    }
    return loading;
  }

  async #read(workspace: string): Promise<Known> {
    const stream = streamOf(workspace);
    if (this.#kernel.head(stream) === undefined)
      throw new SkeinError('not_found', `There is no workspace ${workspace}.`);
    const { state } = await this.#kernel.state<WorkspaceState>(stream);
    const seen = new Seen(this.#kernel, workspace);
    // Cells that were damaged are gone, and nothing is known then (L9).
    await seen.load(Object.keys(state.runs)).catch(() => {});
    const known: Known = { seen, last: state, unfollow: () => {} };
    if (this.#stopped) return known;
    this.#known.set(workspace, known);
    this.#follow(workspace, known);
    return known;
  }

  /** What runs have seen goes with them, and all of it with the workspace. */
  #follow(workspace: string, known: Known): void {
    const stream = streamOf(workspace);
    known.unfollow = this.#kernel.changed(stream, () => {
      const state = this.#kernel.peek<WorkspaceState>(stream);
      if (state !== undefined) {
        known.last = state;
        // Now, rather than when a write waits for it.
        indexOf(state, 'gate');
        for (const run of known.seen.runs()) if (!Object.hasOwn(state.runs, run)) known.seen.forget(run);
      }
      if (state?.life === 'removed' || this.#kernel.head(stream) === undefined) this.#known.delete(workspace);
      else if (!this.#stopped) this.#follow(workspace, known);
    });
  }

  #table(workspace: string, state: WorkspaceState): Table {
    const who = (entry: Entry): Who => {
      const { holder } = entry;
      const node = this.#kernel.peek<NodeState>('node');
      const session =
        holder.kind === 'run' && node !== undefined ? sessionIn(node, holder.session) : undefined;
      const left = entry.kind === 'claim' ? this.#left(workspace, entry.claim) : null;
      return { does: doneBy(entry), holder, session: session?.name ?? null, left };
    };
    return { state, who };
  }
}

function doneBy(entry: Entry): Who['does'] {
  if (entry.kind === 'claim') return entry.claim.implicit ? 'claims for its turn' : 'claims';
  return entry.kind === 'call' ? 'writes' : 'waits';
}

export function streamOf(workspace: string): string {
  return `workspace/${workspace}`;
}
