/**
 * What is held of a workspace, waited for and being written, found by path (rules W1, W2). Derived from the workspace's state
 * alone: it goes over from one state to another by what differs between them, so that asking it is the same as a function of the state.
 */
import { changedKeys, emptyKeyed, valueAt } from '@skein/protocol/keyed';
import { type Holder, sameHolder } from '@skein/protocol/workspaces/holder';
import {
  type Folds,
  foldPattern,
  includes,
  type Pattern,
  parsePattern,
} from '@skein/protocol/workspaces/patterns';
import type { Call, Claim, RunIn, Waiter, WorkspaceState } from '@skein/protocol/workspaces/state';
import { Trie } from './trie.ts';

/** Something that keeps others from paths. */
export type Entry =
  | { kind: 'claim'; holder: Holder; patterns: Pattern[]; claim: Claim }
  | { kind: 'call'; holder: Holder; patterns: Pattern[]; run: string; call: string }
  | { kind: 'waiter'; holder: Holder; patterns: Pattern[]; waiter: Waiter };

type Seen = Pick<WorkspaceState, 'claims' | 'runs' | 'waiters' | 'folds'>;

const NOTHING: Seen = {
  claims: emptyKeyed(),
  runs: {},
  waiters: [],
  folds: { case: false, unicode: false },
};

const NONE: ReadonlySet<Entry> = new Set();

export class ClaimIndex {
  #trie = new Trie<Entry>();
  #seen: Seen = NOTHING;
  readonly #claims = new Map<string, Entry>();
  readonly #waiters = new Map<Waiter, Entry>();
  readonly #calls = new Map<Call, Entry>();
  readonly #byHolder = new Map<string, Set<Entry>>();

  /** The index as of a state. */
  at(state: WorkspaceState): this {
    const seen = this.#seen;
    if (seen.folds.case !== state.folds.case || seen.folds.unicode !== state.folds.unicode) {
      this.#forget();
    }
    this.#follow(state);
    this.#seen = state;
    return this;
  }

  /** What overlaps any of these patterns, each once. */
  overlapping(patterns: readonly Pattern[]): Set<Entry> {
    const found = new Set<Entry>();
    for (const one of patterns)
      this.#trie.overlapping(foldPattern(one, this.#seen.folds), (entry) => found.add(entry));
    return found;
  }

  /** The claim of a holder that all paths of a pattern lie under: the latest, if there are several. */
  claimOver(holder: Holder, pattern: Pattern): Claim | undefined {
    const wanted = foldPattern(pattern, this.#seen.folds);
    let latest: Claim | undefined;
    for (const entry of this.overlapping([pattern])) {
      if (entry.kind !== 'claim' || !sameHolder(entry.holder, holder)) continue;
      if (entry.claim.fence > (latest?.fence ?? 0) && entry.patterns.some((one) => includes(one, wanted)))
        latest = entry.claim;
    }
    return latest;
  }

  /** What a holder holds, waits for and writes. */
  of(holder: Holder): ReadonlySet<Entry> {
    return this.#byHolder.get(keyOf(holder)) ?? NONE;
  }

  #forget(): void {
    this.#trie = new Trie();
    this.#seen = NOTHING;
    this.#claims.clear();
    this.#waiters.clear();
    this.#calls.clear();
    this.#byHolder.clear();
  }

  #follow({ claims, runs, waiters, folds }: Seen): void {
    const before = this.#seen;
    for (const key of changedKeys(before.claims, claims)) {
      this.#drop(this.#claims, key);
      const claim = valueAt(claims, key);
      if (claim !== undefined)
        this.#put(this.#claims, key, { ...parsed(claim, folds), kind: 'claim', claim });
    }
    if (before.waiters !== waiters) {
      const now = new Set(waiters);
      for (const old of [...this.#waiters.keys()]) if (!now.has(old)) this.#drop(this.#waiters, old);
      for (const waiter of now)
        if (!this.#waiters.has(waiter))
          this.#put(this.#waiters, waiter, { ...parsed(waiter, folds), kind: 'waiter', waiter });
    }
    if (before.runs === runs) return;
    for (const [id, run] of Object.entries(before.runs))
      if (runs[id] !== run) this.#followCalls(run, runs[id], folds);
    for (const [id, run] of Object.entries(runs))
      if (!Object.hasOwn(before.runs, id)) this.#followCalls(undefined, run, folds);
  }

  #followCalls(before: RunIn | undefined, now: RunIn | undefined, folds: Folds): void {
    for (const [id, call] of Object.entries(before?.calls ?? {}))
      if (now?.calls[id] !== call) this.#drop(this.#calls, call);
    for (const [id, call] of Object.entries(now?.calls ?? {})) {
      if (now === undefined || before?.calls[id] === call) continue;
      const holder = holderOf(now);
      const entry = parsed({ globs: call.paths, holder }, folds);
      this.#put(this.#calls, call, { ...entry, kind: 'call', run: now.run, call: id });
    }
  }

  #put<K>(entries: Map<K, Entry>, key: K, entry: Entry): void {
    entries.set(key, entry);
    const holder = keyOf(entry.holder);
    const others = this.#byHolder.get(holder);
    if (others === undefined) this.#byHolder.set(holder, new Set([entry]));
    else others.add(entry);
    for (const pattern of entry.patterns) this.#trie.add(pattern, entry);
  }

  #drop<K>(entries: Map<K, Entry>, key: K): void {
    const entry = entries.get(key);
    if (entry === undefined) return;
    entries.delete(key);
    const holder = keyOf(entry.holder);
    const others = this.#byHolder.get(holder);
    others?.delete(entry);
    if (others?.size === 0) this.#byHolder.delete(holder);
    for (const pattern of entry.patterns) this.#trie.remove(pattern, entry);
  }
}

function parsed({ globs, holder }: { globs: string[]; holder: Holder }, folds: Folds) {
  return { holder, patterns: globs.map((glob) => foldPattern(parsePattern(glob), folds)) };
}

function keyOf(holder: Holder): string {
  return holder.kind === 'run' ? `run ${holder.run}` : `person ${holder.member}`;
}

/** A run, as the holder of its claims. */
export function holderOf({ run, session, agent, name }: Omit<RunIn, 'calls' | 'strength'>): Holder {
  return { kind: 'run', run, session, agent, name };
}

const MOST = 64;
const indexes = new Map<string, ClaimIndex>();

/**
 * The index of a state. One is kept for each workspace that was asked about lately, for every `reader` its own, since two that
 * read different states of it would make it go to and fro.
 */
export function indexOf(state: WorkspaceState, reader: 'decide' | 'gate' = 'decide'): ClaimIndex {
  const key = `${reader} ${state.id}`;
  const index = indexes.get(key) ?? new ClaimIndex();
  indexes.delete(key);
  indexes.set(key, index);
  for (const oldest of indexes.keys()) {
    if (indexes.size <= MOST) break;
    indexes.delete(oldest);
  }
  return index.at(state);
}
