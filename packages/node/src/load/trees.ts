/** Which processes belong to which program, and what these take together. Pure. */
import type { Use } from '@skein/protocol/machines/load';
import type { TableEntry } from '../platform/process-table.ts';

/** A program: its first process, known by pid and start (rule H4). Without a start its pid alone must do. */
export interface Root {
  pid: number;
  start?: string | undefined;
}

/**
 * The processes of each root that is there, it among them: those whose nearest ancestor among the roots it is; and what was left behind
 * by a parent that has ended, by the group that it began with.
 */
export function treesOf(roots: readonly Root[], table: readonly TableEntry[]): Map<number, TableEntry[]> {
  const byPid = new Map(table.map((entry) => [entry.pid, entry]));
  const trees = new Map<number, TableEntry[]>();
  for (const { pid, start } of roots) {
    const entry = byPid.get(pid);
    if (entry === undefined) continue;
    // Pids are used again.
    if (start === undefined || entry.start === undefined || entry.start === start) trees.set(pid, []);
  }
  const known = new Map<number, number | undefined>();
  for (const entry of table) {
    const root = rootOf(entry, byPid, trees, known);
    if (root !== undefined) trees.get(root)?.push(entry);
  }
  return trees;
}

function rootOf(
  entry: TableEntry,
  byPid: ReadonlyMap<number, TableEntry>,
  trees: ReadonlyMap<number, unknown>,
  known: Map<number, number | undefined>,
): number | undefined {
  const passed: number[] = [];
  let root: number | undefined;
  // A table that was read while processes came and went may hold a circle.
  for (let at: TableEntry | undefined = entry; at !== undefined && !passed.includes(at.pid); ) {
    if (trees.has(at.pid)) {
      root = at.pid;
      break;
    }
    if (known.has(at.pid)) {
      root = known.get(at.pid);
      break;
    }
    passed.push(at.pid);
    at = byPid.get(at.parent);
  }
  if (root === undefined && trees.has(entry.group)) root = entry.group;
  for (const pid of passed) known.set(pid, pid === entry.pid ? root : (known.get(pid) ?? root));
  return root;
}

/** What each process had used, and when that was: a performance.now(). */
export interface Moment {
  at: number;
  /** By pid, with the start that tells one process from the next of the same pid. */
  cpu: ReadonlyMap<number, { start: string | undefined; cpu: number }>;
}

export function momentOf(table: readonly TableEntry[], at: number): Moment {
  return { at, cpu: new Map(table.map(({ pid, start, cpu }) => [pid, { start, cpu }])) };
}

/**
 * What a tree takes, from one moment to the table's. A process that came between has used all of its time since; what one had used
 * that ended between is nobody's.
 */
export function useOf(
  tree: readonly TableEntry[],
  before: Moment,
  at: number,
  memory: (entry: TableEntry) => number,
): Use {
  let ms = 0;
  let bytes = 0;
  for (const entry of tree) {
    const was = before.cpu.get(entry.pid);
    const same = was !== undefined && was.start === entry.start && was.cpu <= entry.cpu;
    ms += same ? entry.cpu - was.cpu : entry.cpu;
    bytes += memory(entry);
  }
  const passed = Math.max(1, at - before.at);
  return { cpu: Math.round((1000 * ms) / passed) / 1000, memory: bytes, processes: tree.length };
}
