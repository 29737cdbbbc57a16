/** Which process holds a home, told beside its lock: the lock itself says only that somebody does. */
import fs from 'node:fs';
import path from 'node:path';
import { FILE_MODE, readJson } from './files.ts';
import { isAlive, startTime } from './process.ts';

const fileIn = (home: string): string => path.join(home, 'node.json');

/** This process holds it. To be called with the lock. */
export function holds(home: string): void {
  try {
    const me = { pid: process.pid, start: startTime(process.pid) };
    fs.writeFileSync(fileIn(home), `${JSON.stringify(me)}\n`, { mode: FILE_MODE });
  } catch {
    // A full disk keeps no node from starting.
  }
}

/** To be called before the lock is released. */
export function holdsNoMore(home: string): void {
  fs.rmSync(fileIn(home), { force: true });
}

/** The process that holds it; undefined when none does that lives. */
export function holderOf(home: string): number | undefined {
  const { pid, start } = (readJson(fileIn(home)) ?? {}) as { pid?: unknown; start?: unknown };
  return typeof pid === 'number' && typeof start === 'string' && isAlive(pid, start) ? pid : undefined;
}
