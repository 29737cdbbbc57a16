/**
 * Who may have written what, and when, in one workspace (rule W4): calls that were let through, commands that ran in shells,
 * landings, and who was there. Remembered for as long as the system may be late in telling of a write. No I/O; times are
 * milliseconds of the monotonic clock.
 */
import { changedKeys, emptyKeyed, pairsOf, valueAt } from '@skein/protocol/keyed';
import { covers, foldPattern, type Pattern, parsePattern } from '@skein/protocol/workspaces/patterns';
import type { Claim, RunIn, WorkspaceState } from '@skein/protocol/workspaces/state';

/** How long what is over is remembered. */
const KEEP_MS = 20_000;
/** By how much the node may hear late of a command's beginning, and the system tell late of a write. */
const EARLY_MS = 1_000;
const LATE_MS = 1_500;

interface Span {
  from: number;
  /** Infinity while it lasts. */
  to: number;
}

interface LetThrough extends Span {
  patterns: Pattern[];
}

export class Evidence {
  #state: WorkspaceState | undefined;
  /** By run and call. */
  readonly #calls = new Map<string, LetThrough>();
  readonly #shells = new Map<string, Span & { run: string }>();
  readonly #runs = new Map<string, Span & { run: RunIn }>();
  readonly #claims = new Map<string, Span & { claim: Claim }>();
  readonly #landings = new Map<string, Span>();

  /** The state is another one now; answers with the claims that have come and gone. */
  update(state: WorkspaceState, now: number): { added: Claim[]; removed: Claim[] } {
    const before = this.#state;
    this.#state = state;
    this.#followRuns(state, now);
    for (const { landing, state: stands, step } of state.landings) {
      // Only then does it write in anybody's tree.
      if (stands === 'running' && (step === 'move' || step === 'undo'))
        begin(this.#landings, landing, now, {});
      else end(this.#landings, landing, now);
    }
    const added: Claim[] = [];
    const removed: Claim[] = [];
    const old = before?.claims ?? emptyKeyed<Claim>();
    const keys = before === undefined ? Array.from(pairsOf(state.claims), ([key]) => key) : undefined;
    for (const key of keys ?? changedKeys(old, state.claims)) {
      const [was, is] = [valueAt(old, key), valueAt(state.claims, key)];
      // Renewed, it is the same.
      if (was !== undefined && is !== undefined && was.fence === is.fence) continue;
      if (was !== undefined) {
        removed.push(was);
        end(this.#claims, key, now);
      }
      if (is === undefined) continue;
      added.push(is);
      this.#claims.delete(key);
      begin(this.#claims, key, now, { claim: is });
    }
    this.#forget(now);
    return { added, removed };
  }

  /** A command runs in a shell of a run's; null for one of which no more is known than that it may. */
  shellBegan(run: string, call: string | null, now: number): void {
    if (this.#runs.has(run)) begin(this.#shells, `${run} ${call}`, now, { run });
  }

  shellEnded(run: string, call: string | null, now: number): void {
    end(this.#shells, `${run} ${call}`, now);
  }

  /** Its turn is over: nothing runs any more that it was told of. */
  shellsEnded(run: string, now: number): void {
    for (const [key, shell] of this.#shells) if (shell.run === run) end(this.#shells, key, now);
  }

  /** The claims among some that were held when the system told of a write. */
  claimsAt(claims: readonly string[], at: number): Claim[] {
    return claims.flatMap((id) => {
      const one = this.#claims.get(id);
      return one !== undefined && one.from <= at && at <= one.to ? [one.claim] : [];
    });
  }

  /** Whether a call was let through for a path then, or the node was landing something. */
  wasLetThrough(path: string, at: number): boolean {
    if (this.#state === undefined) return false;
    const { folds } = this.#state;
    const folded = foldPattern({ segments: path.split('/'), below: false }, folds).segments.join('/');
    for (const one of this.#landings.values()) if (holds(one, at, EARLY_MS)) return true;
    for (const call of this.#calls.values())
      if (holds(call, at, 0) && call.patterns.some((one) => covers(one, folded))) return true;
    return false;
  }

  /** Whether a run had a command at work in a shell then. */
  ranShell(run: string, at: number): boolean {
    for (const one of this.#shells.values()) if (one.run === run && holds(one, at, EARLY_MS)) return true;
    return false;
  }

  /** Who was there then. */
  runsAt(at: number): RunIn[] {
    return Array.from(this.#runs.values()).flatMap((one) => (holds(one, at, EARLY_MS) ? [one.run] : []));
  }

  #followRuns({ runs, folds }: WorkspaceState, now: number): void {
    const calls = new Set<string>();
    for (const run of Object.values(runs)) {
      begin(this.#runs, run.run, now, { run }).run = run;
      for (const [call, { paths }] of Object.entries(run.calls)) {
        const key = `${run.run} ${call}`;
        calls.add(key);
        const patterns = paths.map((one) => foldPattern(parsePattern(one), folds));
        // The same call may come to name more.
        begin(this.#calls, key, now, { patterns }).patterns = patterns;
      }
    }
    for (const key of this.#calls.keys()) if (!calls.has(key)) end(this.#calls, key, now);
    for (const run of this.#runs.keys()) {
      if (Object.hasOwn(runs, run)) continue;
      end(this.#runs, run, now);
      this.shellsEnded(run, now);
    }
  }

  #forget(now: number): void {
    const all: Map<string, Span>[] = [this.#calls, this.#shells, this.#runs, this.#claims, this.#landings];
    for (const spans of all) for (const [key, { to }] of spans) if (to < now - KEEP_MS) spans.delete(key);
  }
}

function begin<S extends Span>(
  spans: Map<string, S>,
  key: string,
  now: number,
  more: Omit<S, keyof Span>,
): S {
  const there = spans.get(key);
  if (there !== undefined && there.to === Number.POSITIVE_INFINITY) return there;
  const span = { ...more, from: there?.from ?? now, to: Number.POSITIVE_INFINITY } as S;
  spans.set(key, span);
  return span;
}

function end(spans: Map<string, Span>, key: string, now: number): void {
  const span = spans.get(key);
  if (span !== undefined) span.to = Math.min(span.to, now);
}

function holds({ from, to }: Span, at: number, early: number): boolean {
  return from - early <= at && at <= to + LATE_MS;
}
