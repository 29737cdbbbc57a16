/** Which process holds a home, told beside its lock: the lock itself says only that somebody does. */
import fs from 'node:fs';
import path from 'node:path';
import { SkeinError } from '@skein/protocol/errors';
import { FILE_MODE, readJson } from './files.ts';
import { isAlive, startTime } from './process.ts';

const fileIn = (home: string): string => path.join(home, 'node.json');

/**
 * This process holds it. To be called with the lock, which says nothing where its file was removed under another node: that
 * one ends as soon as it sees so, and until then has the log. Throws `already_running`.
 */
export function holds(home: string): void {
  const real = fs.realpathSync(home);
  const { home: held } = (readJson(fileIn(home)) ?? {}) as { home?: unknown };
  const pid = holderOf(home);
  // In a copy it names the node of what was copied.
  if (pid !== undefined && pid !== process.pid && held === real)
    throw new SkeinError('already_running', `A node is running in this home already, pid ${pid}.`, { pid });
  try {
    const me = { pid: process.pid, start: startTime(process.pid), home: real };
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
