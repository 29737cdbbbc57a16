/** When the leases of one workspace end, by the monotonic clock, in memory (rule W1). Pure but for its own table. */
import { changedKeys, emptyKeyed, valueAt } from '@skein/protocol/keyed';
import { WAITER_LEASE_MS } from '@skein/protocol/workspaces/limits';
import type { Claim, RunIn, WorkspaceState } from '@skein/protocol/workspaces/state';

/** Of a claim: from when its lease runs, if its holder is no run that is seen to live. */
interface Term {
  claim: Claim;
  from: number;
}

interface RunSeen {
  run: RunIn;
  /** When it was last seen to live. */
  seen: number;
  /** When it is looked at again. */
  look: number;
}

/** Milliseconds between two looks at a run, at most and at least; a third of its shortest lease in between. */
const LOOK_MS = { most: 20_000, least: 200 };
/** Milliseconds in which one who waited and was cut off may ask again. */
const FORSAKEN_MS = 10_000;
/** Milliseconds after which something is tried again that could not be ended. */
const AGAIN_MS = 1_000;

type Seen = Pick<WorkspaceState, 'claims' | 'waiters' | 'runs'>;

export class Terms {
  #state: Seen = { claims: emptyKeyed(), waiters: [], runs: {} };
  readonly #terms = new Map<string, Term>();
  readonly #waiters = new Map<string, number>();
  /** Claims whose asker was cut off while it waited, and has not asked since. */
  readonly #forsaken = new Set<string>();
  readonly #runs = new Map<string, RunSeen>();
  #next = Infinity;

  /** Goes over to a later state: what is new in it has a full term from now on. */
  follow(state: Seen, now: number): void {
    const before = this.#state;
    this.#state = state;
    if (before.runs !== state.runs) this.#followRuns(state.runs, now);
    for (const key of changedKeys(before.claims, state.claims)) {
      const claim = valueAt(state.claims, key);
      const old = this.#terms.get(key)?.claim;
      if (claim === undefined) {
        this.#terms.delete(key);
        this.#forsaken.delete(key);
      } else if (old?.fence !== claim.fence || old.n !== claim.n)
        this.#begin({ claim, from: this.#from(claim, now) });
    }
    if (before.waiters === state.waiters) return;
    const waiting = new Set(state.waiters.map(({ claim }) => claim));
    for (const claim of this.#waiters.keys()) {
      if (waiting.has(claim)) continue;
      this.#waiters.delete(claim);
      if (!this.#terms.has(claim)) this.#forsaken.delete(claim);
    }
    for (const claim of waiting) if (!this.#waiters.has(claim)) this.asked(claim, now);
  }

  #followRuns(runs: Seen['runs'], now: number): void {
    for (const id of this.#runs.keys()) if (!Object.hasOwn(runs, id)) this.#runs.delete(id);
    for (const run of Object.values(runs)) {
      const known = this.#runs.get(run.run);
      if (known === undefined) this.#runs.set(run.run, { run, seen: now, look: now + LOOK_MS.most });
      else known.run = run;
    }
  }

  #begin(term: Term): void {
    this.#terms.set(term.claim.claim, term);
    this.#lookEarlier(term.claim, term.from);
    this.#next = Math.min(this.#next, this.#end(term));
  }

  #lookEarlier({ holder, lease }: Claim, now: number): void {
    const run = holder.kind === 'run' ? this.#runs.get(holder.run) : undefined;
    if (run === undefined) return;
    run.look = Math.min(run.look, now + Math.max(LOOK_MS.least, lease / 3));
    this.#next = Math.min(this.#next, run.look);
  }

  /** What is granted to a person who may be gone ends when they would have to have asked. */
  #from({ claim, holder, lease }: Claim, now: number): number {
    const end = this.#forsaken.has(claim) && holder.kind === 'person' ? this.#waiters.get(claim) : undefined;
    return end === undefined ? now : end - lease;
  }

  /** Whoever waits for it has asked for it. */
  asked(claim: string, now: number): void {
    const term = this.#terms.get(claim);
    if (this.#forsaken.delete(claim) && term !== undefined) term.from = now;
    if (term !== undefined) return;
    this.#waiters.set(claim, now + WAITER_LEASE_MS);
    this.#next = Math.min(this.#next, now + WAITER_LEASE_MS);
  }

  /** Whoever waits for it was cut off: dead, or about to ask again. */
  forsaken(claim: string, now: number): void {
    if (!this.#waiters.has(claim)) return;
    this.#forsaken.add(claim);
    this.#waiters.set(claim, now + FORSAKEN_MS);
    this.#next = Math.min(this.#next, now + FORSAKEN_MS);
  }

  /** It could not be ended: its term is over again in a while. */
  again({ claim, lease }: Claim, now: number): void {
    const term = this.#terms.get(claim);
    if (term !== undefined) term.from = now + AGAIN_MS - lease;
  }

  /** A run was seen to live, or to be stopped where that does not count. */
  lives(run: string, now: number): void {
    const known = this.#runs.get(run);
    if (known !== undefined) known.seen = now;
  }

  /** Runs that are to be looked at, each from now on later. */
  toLookAt(now: number): RunIn[] {
    const due: RunIn[] = [];
    const shortest = new Map<string, number>();
    for (const { claim } of this.#terms.values())
      if (claim.holder.kind === 'run')
        shortest.set(claim.holder.run, Math.min(claim.lease, shortest.get(claim.holder.run) ?? Infinity));
    for (const known of this.#runs.values()) {
      const lease = shortest.get(known.run.run);
      if (known.look > now) continue;
      known.look = now + Math.min(LOOK_MS.most, Math.max(LOOK_MS.least, (lease ?? Infinity) / 3));
      if (lease !== undefined) due.push(known.run);
    }
    return due;
  }

  /** When the lease of a claim ends unless it is renewed. */
  endOf(claim: Claim): number | undefined {
    const term = this.#terms.get(claim.claim);
    return term === undefined ? undefined : this.#end(term);
  }

  #end({ claim: { holder, lease }, from }: Term): number {
    const seen = holder.kind === 'run' ? (this.#runs.get(holder.run)?.seen ?? from) : from;
    return Math.max(from, seen) + lease;
  }

  over(now: number): { claims: Claim[]; waiters: string[] } {
    const claims = Array.from(this.#terms.values()).filter((term) => this.#end(term) <= now);
    const waiters = Array.from(this.#waiters).filter(([, end]) => end <= now);
    return { claims: claims.map(({ claim }) => claim), waiters: waiters.map(([claim]) => claim) };
  }

  /** When something may be to be done, no later than it is; Infinity for never. */
  get next(): number {
    return this.#next;
  }

  /** Finds `next` again, when it has come: what was to be done then may have been put off. */
  recount(): void {
    let next = Infinity;
    for (const term of this.#terms.values()) next = Math.min(next, this.#end(term));
    for (const end of this.#waiters.values()) next = Math.min(next, end);
    if (this.#terms.size > 0) for (const { look } of this.#runs.values()) next = Math.min(next, look);
    this.#next = next;
  }

  /** Time has passed in which nobody could do anything: it does not count. */
  shift(ms: number): void {
    for (const term of this.#terms.values()) term.from += ms;
    for (const [claim, end] of this.#waiters) this.#waiters.set(claim, end + ms);
    for (const run of this.#runs.values()) run.seen += ms;
  }
}
