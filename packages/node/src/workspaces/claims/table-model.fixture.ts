/** The table of claims once more, as simply as it can be said: lists that are looked through, over the few paths there are. */
import type { Strength } from '@skein/protocol/workspaces/holder';

/** Every path that any pattern of the test can be told from another by. */
const PATHS = ['', 'x', 'y', 'z', 'd', 'e']
  .concat(...['d', 'e', 'x'].map((dir) => ['x', 'y', 'z', 'e'].map((name) => `${dir}/${name}`)))
  .concat('d/e/x', 'd/e/y', 'e/e/x');

const named = new Map<string, Set<string>>();
function pathsOf(glob: string): Set<string> {
  let paths = named.get(glob);
  if (paths === undefined) {
    const text =
      glob === '**'
        ? '.*'
        : glob.replace(/\/\*\*$/, '(/.*)?').replace(/(?<![.(/])\*|(?<=\/)\*(?!\))/g, '[^/]+');
    paths = new Set(PATHS.filter((path) => new RegExp(`^${text}$`).test(path)));
    named.set(glob, paths);
  }
  return paths;
}

const meet = (a: readonly string[], b: readonly string[]) =>
  a.some((one) => b.some((other) => [...pathsOf(one)].some((path) => pathsOf(other).has(path))));
const holds = (outer: string, inner: string) => [...pathsOf(inner)].every((path) => pathsOf(outer).has(path));

interface Held {
  id: string;
  holder: string;
  globs: string[];
  fence: number;
  implicit: boolean;
  n: number;
}
interface Waits {
  id: string;
  holder: string;
  globs: string[];
  steal: boolean;
}
interface Running {
  strength: Strength;
  calls: Map<string, { paths: string[]; claims: number[] }>;
}

export class Model {
  claims: Held[] = [];
  waiters: Waits[] = [];
  runs = new Map<string, Running>();
  fence = 0;
  readonly strict: boolean;

  constructor(strict: boolean) {
    this.strict = strict;
  }

  enter(run: string, strength: Strength): void {
    const there = this.runs.get(run);
    if (there === undefined) this.runs.set(run, { strength, calls: new Map() });
    else there.strength = strength;
  }

  /** The code that it is refused with, or none. */
  take(id: string, holder: string, given: string[], wait: boolean, steal: boolean): string | undefined {
    const globs = simplest(given);
    const same = this.claims.findLast(
      (one) => one.holder === holder && !one.implicit && String(one.globs) === String(globs),
    );
    if (same !== undefined) {
      same.n += 1;
      return undefined;
    }
    const inTheWay = this.#heldByOthers(holder, globs);
    if (steal) {
      const ends = inTheWay.filter((one) => this.runs.has(one) && !this.#fenced(one));
      for (const other of inTheWay) if (!ends.includes(other)) this.#strip(other, globs);
      if (ends.length > 0) {
        const first = this.waiters.findIndex((one) => !one.steal);
        this.waiters.splice(first < 0 ? this.waiters.length : first, 0, { id, holder, globs, steal });
      } else this.#give(id, holder, globs, false);
      this.#grant();
      return undefined;
    }
    const before = this.#waitersBefore(holder, globs);
    if (inTheWay.length + before.length === 0) {
      this.#give(id, holder, globs, false);
      return undefined;
    }
    if (!wait) return 'claimed';
    const others = [...inTheWay, ...before.map((one) => one.holder)];
    for (const other of others)
      if (this.runs.has(holder) && this.runs.has(other))
        if (this.waiters.some((one) => one.holder === other && this.waitsFor(one, holder))) return 'deadlock';
    this.waiters.push({ id, holder, globs, steal });
    return undefined;
  }

  release(holder: string, within: string[] | undefined): string | undefined {
    const goes = ({ holder: whose, globs }: { holder: string; globs: string[] }) =>
      whose === holder &&
      globs.every((one) => within === undefined || within.some((outer) => holds(outer, one)));
    if (this.runs.get(holder)?.strength.shell === 'enforced' && this.claims.some(goes))
      return 'still_running';
    this.claims = this.claims.filter((one) => !goes(one));
    this.waiters = this.waiters.filter((one) => !goes(one));
    this.#grant();
    return undefined;
  }

  write(run: string, call: string, paths: string[]): string | undefined {
    const calls = this.runs.get(run)?.calls;
    if (calls === undefined) return 'not_found';
    if (this.#heldByOthers(run, paths).length > 0) return 'claimed';
    const mine = (path: string) =>
      this.claims.findLast(({ holder, globs }) => holder === run && globs.some((one) => holds(one, path)));
    const bare = [...new Set(paths)].filter((path) => mine(path) === undefined);
    if (bare.length > 0 && this.#waitersBefore(run, bare).length > 0) return 'claimed';
    if (bare.length > 0 && this.strict) return 'claim_missing';
    const under = paths.flatMap((path) => mine(path)?.fence ?? []);
    if (bare.length > 0) under.push(this.#give('', run, bare, true));
    const old = calls.get(call);
    calls.set(call, {
      paths: [...new Set([...(old?.paths ?? []), ...paths])],
      claims: [...new Set([...(old?.claims ?? []), ...under])],
    });
    return undefined;
  }

  end(run: string, call: string): void {
    this.runs.get(run)?.calls.delete(call);
    this.#grant();
  }

  turn(run: string): void {
    this.runs.get(run)?.calls.clear();
    if (this.runs.has(run)) this.claims = this.claims.filter((one) => one.holder !== run || !one.implicit);
    this.#grant();
  }

  leave(run: string): void {
    if (!this.runs.delete(run)) return;
    this.claims = this.claims.filter((one) => one.holder !== run);
    this.waiters = this.waiters.filter((one) => one.holder !== run);
    this.#grant();
  }

  expire({ fence, holder }: Held, ended: boolean): void {
    const calls = this.runs.get(holder)?.calls ?? new Map<string, { claims: number[] }>();
    const under = [...calls].filter(([, { claims }]) => claims.includes(fence)).map(([call]) => call);
    const sandboxed = this.runs.get(holder)?.strength.shell === 'enforced';
    if (!ended && (sandboxed || (under.length > 0 && !this.#fenced(holder)))) return;
    for (const call of under) calls.delete(call);
    this.claims = this.claims.filter((one) => one.fence !== fence);
    this.#grant();
  }

  drop(id: string): void {
    this.waiters = this.waiters.filter((one) => one.id !== id);
    this.#grant();
  }

  /** Who holds or writes any of it, others than somebody. */
  #heldByOthers(holder: string, globs: readonly string[]): string[] {
    const found = this.claims.filter((one) => one.holder !== holder && meet(one.globs, globs));
    const writing = [...this.runs].filter(
      ([run, { calls }]) => run !== holder && [...calls.values()].some(({ paths }) => meet(paths, globs)),
    );
    return [...new Set([...found.map((one) => one.holder), ...writing.map(([run]) => run)])];
  }

  #waitersBefore(holder: string, globs: readonly string[]): Waits[] {
    return this.waiters.filter(
      (one) => one.holder !== holder && meet(one.globs, globs) && !this.waitsFor(one, holder),
    );
  }

  /** Those that must go before one that waits can. */
  holdUp(waiter: Waits): { holders: string[]; waiters: Waits[] } {
    const before = this.waiters.slice(0, this.waiters.indexOf(waiter));
    return {
      holders: this.#heldByOthers(waiter.holder, waiter.globs),
      waiters: before.filter((one) => one.holder !== waiter.holder && meet(one.globs, waiter.globs)),
    };
  }

  waitsFor(waiter: Waits, holder: string, seen = new Set<Waits>()): boolean {
    if (seen.has(waiter)) return false;
    seen.add(waiter);
    const { holders, waiters } = this.holdUp(waiter);
    const all = [...holders, ...waiters.map((one) => one.holder)];
    if (all.includes(holder)) return true;
    const theirs = this.waiters.filter((one) => this.runs.has(one.holder) && all.includes(one.holder));
    return [...waiters, ...theirs].some((one) => this.waitsFor(one, holder, seen));
  }

  /** Everybody who waits, in their order, has what they can have. */
  #grant(): void {
    for (const waiter of [...this.waiters]) {
      const { holders, waiters } = this.holdUp(waiter);
      if (holders.length + waiters.length > 0) continue;
      this.waiters = this.waiters.filter((one) => one !== waiter);
      this.#give(waiter.id, waiter.holder, waiter.globs, false);
    }
  }

  #give(id: string, holder: string, globs: string[], implicit: boolean): number {
    this.fence += 1;
    this.claims.push({ id, holder, globs, fence: this.fence, implicit, n: 0 });
    return this.fence;
  }

  /** Takes from somebody what they hold or write of it. */
  #strip(other: string, globs: readonly string[]): void {
    this.claims = this.claims.filter((one) => one.holder !== other || !meet(one.globs, globs));
    const calls = this.runs.get(other)?.calls;
    for (const [call, { paths }] of [...(calls ?? [])]) if (meet(paths, globs)) calls?.delete(call);
  }

  #fenced(holder: string): boolean {
    const { files, shell } = this.runs.get(holder)?.strength ?? {};
    return files === 'enforced' && shell !== 'enforced';
  }
}

function simplest(globs: readonly string[]): string[] {
  const all = [...new Set(globs)].sort();
  return all.filter((one) => !all.some((other) => other !== one && holds(other, one)));
}

export const overlap = (a: readonly string[], b: readonly string[]): boolean => meet(a, b);
