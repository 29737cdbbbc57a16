/** The tasks that a compose file wants to be given, each after those that it needs (rules B1, N3). Pure. */
import type { ComposeTask } from '@skein/protocol/compose/file';

export interface WantedTask extends Omit<ComposeTask, 'deadline' | 'needs'> {
  name: string;
  needs: string[];
  /** Milliseconds. */
  deadline: number | undefined;
}

const UNITS = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as Record<string, number>;

/** Of a text such as `10m`. */
export function millisecondsOf(text: string): number {
  return Number(text.slice(0, -1)) * (UNITS[text.at(-1) ?? ''] ?? 1);
}

export function wantedTasks(tasks: Record<string, ComposeTask>): WantedTask[] {
  return tasksInOrder(tasks).flatMap((name) => {
    const task = tasks[name];
    if (task === undefined) return [];
    const { deadline, needs = [], ...rest } = task;
    return [
      { name, ...rest, needs, deadline: deadline === undefined ? undefined : millisecondsOf(deadline) },
    ];
  });
}

/** Their names, each after what it needs, where that is no circle. */
function tasksInOrder(tasks: Record<string, ComposeTask>): string[] {
  const done = new Set<string>();
  const put = (name: string): string[] => {
    if (done.has(name)) return [];
    done.add(name);
    return [...(tasks[name]?.needs ?? []).flatMap(put), name];
  };
  return Object.keys(tasks).flatMap(put);
}

/** Tasks of which each needs the next, and the last the first; undefined for none. */
export function taskCircle(tasks: Record<string, ComposeTask>): string[] | undefined {
  const done = new Set<string>();
  const look = (name: string, way: readonly string[]): string[] | undefined => {
    const begun = way.indexOf(name);
    if (begun >= 0) return way.slice(begun);
    if (done.has(name)) return undefined;
    for (const next of tasks[name]?.needs ?? []) {
      const circle = look(next, [...way, name]);
      if (circle !== undefined) return circle;
    }
    done.add(name);
    return undefined;
  };
  for (const name of Object.keys(tasks)) {
    const circle = look(name, []);
    if (circle !== undefined) return circle;
  }
  return undefined;
}
