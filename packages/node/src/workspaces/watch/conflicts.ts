/** The conflicts of one workspace as they are told: judged when all is known, gathered, and never more than anybody would read (rule W4). */
import { newId } from '@skein/protocol/ids';
import type { WorkspaceEvents } from '@skein/protocol/workspaces/events';
import type { Holder } from '@skein/protocol/workspaces/holder';
import { MAX_WRITERS } from '@skein/protocol/workspaces/limits';
import type { RunIn } from '@skein/protocol/workspaces/state';
import type { Evidence } from './evidence.ts';
import { judge } from './judge.ts';
import type { Written } from './looking.ts';

/** Milliseconds until a write is judged: the node may hear late of what explains it. */
const JUDGE_MS = 700;
/** Milliseconds between two conflicts of one holder, and until the same path is told again. */
const APART_MS = 5_000;
const AGAIN_MS = 60_000;
/** Milliseconds that a conflict is kept for more of the same, while more is to be judged. */
const GATHER_MS = 3_000;
/** Paths that were told, and that wait to be judged; beyond that only their number is kept. */
const MAX_REMEMBERED = 20_000;

type Conflict = WorkspaceEvents['conflict.found'];
export type Seen = Written & { claims: string[] };

interface Gathered extends Omit<Conflict, 'conflict' | 'writers'> {
  writers: Map<string, RunIn>;
  since: number;
}

export class Conflicts {
  readonly #evidence: Evidence;
  /** By path, to be judged; with when it was first seen here. */
  readonly #waiting = new Map<string, Seen & { since: number }>();
  /** By holder, to be told. */
  readonly #gathered = new Map<string, Gathered>();
  /** When a holder was last told of one, and when a path was. */
  readonly #holders = new Map<string, number>();
  readonly #paths = new Map<string, number>();

  constructor(evidence: Evidence) {
    this.#evidence = evidence;
  }

  add(seen: readonly Seen[], now: number): void {
    for (const one of seen) {
      if (one.claims.length === 0) continue;
      const earlier = this.#waiting.get(one.path);
      if (earlier === undefined && this.#waiting.size >= MAX_REMEMBERED) continue;
      this.#waiting.set(one.path, { ...one, since: earlier?.since ?? now });
    }
  }

  /** Milliseconds until something is to be done; undefined when nothing waits. */
  next(now: number): number | undefined {
    let next = Number.POSITIVE_INFINITY;
    for (const { since } of this.#waiting.values()) {
      next = since + JUDGE_MS;
      break;
    }
    for (const [key, { since }] of this.#gathered) {
      const apart = (this.#holders.get(key) ?? Number.NEGATIVE_INFINITY) + APART_MS;
      next = Math.min(next, Math.max(apart, this.#waiting.size > 0 ? since + GATHER_MS : apart));
    }
    return next === Number.POSITIVE_INFINITY ? undefined : Math.max(0, next - now);
  }

  /** What is to be told now. */
  take(now: number): Conflict[] {
    for (const [path, seen] of this.#waiting) {
      if (seen.since + JUDGE_MS > now) continue;
      this.#waiting.delete(path);
      this.#judge(seen, now);
    }
    const told: Conflict[] = [];
    for (const [key, { writers, since, ...one }] of this.#gathered) {
      if (this.#waiting.size > 0 && since + GATHER_MS > now) continue;
      if ((this.#holders.get(key) ?? Number.NEGATIVE_INFINITY) + APART_MS > now) continue;
      this.#gathered.delete(key);
      this.#holders.set(key, now);
      const named = Array.from(writers.values()).slice(0, MAX_WRITERS);
      told.push({
        ...one,
        conflict: newId(),
        writers: named.map(({ run, session, agent, name }) => ({ run, session, agent, name })),
      });
    }
    this.#forget(now);
    return told;
  }

  #judge(seen: Seen, now: number): void {
    const conflict = judge(seen, this.#evidence);
    if (conflict === undefined) return;
    const { claim, writers } = conflict;
    const key = keyOf(claim.holder);
    if (now - (this.#paths.get(seen.path) ?? Number.NEGATIVE_INFINITY) < AGAIN_MS) return;
    if (this.#paths.size < MAX_REMEMBERED) this.#paths.set(seen.path, now);
    const there = this.#gathered.get(key);
    if (there === undefined) {
      const { path, what } = seen;
      const { claim: id, holder } = claim;
      this.#gathered.set(key, {
        ...{ path, what, claim: id, holder, also: 0 },
        writers: new Map(writers.map((one) => [one.run, one])),
        since: now,
      });
      return;
    }
    there.also += 1;
    for (const one of writers) there.writers.set(one.run, one);
  }

  #forget(now: number): void {
    for (const [path, at] of this.#paths) if (now - at >= AGAIN_MS) this.#paths.delete(path);
    for (const [key, at] of this.#holders) if (now - at >= APART_MS) this.#holders.delete(key);
  }
}

function keyOf(holder: Holder): string {
  return holder.kind === 'run' ? `run ${holder.run}` : `person ${holder.member}`;
}
