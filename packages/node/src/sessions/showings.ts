/**
 * Which sessions are shown in which, as the processes that show them have noted it on this machine (rule H5). What is told of
 * it to other machines names none: a session is told by its mark, which who knows it can make.
 */
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { isAlive } from '../platform/process.ts';

/** Sessions that are told of as seen in one. */
const TOLD_MAX = 256;

/** A process that runs in the session `inside` shows the session `shown`: marks of both. */
export interface Showing {
  inside: string;
  shown: string;
}

export function markOf(session: string): string {
  return createHash('sha256').update(session).digest('base64url');
}

/** Where it is noted: a file a process, called by its pid, of three lines: inside, shown, the process's start. */
export function showingsDir(home: string): string {
  return path.join(home, 'run', 'nested');
}

/** Marks of all that is to be seen in a session, its own first. */
export function seenIn(mark: string, all: readonly Showing[]): string[] {
  const seen = new Set([mark]);
  // Comes to what is added meanwhile, too.
  for (const one of seen) for (const { inside, shown } of all) if (inside === one) seen.add(shown);
  return [...seen];
}

/** What another machine is told to be seen in a session here; undefined where that is the session alone. */
export function toldSeenIn(home: string, session: string): string[] | undefined {
  const [, ...others] = seenIn(markOf(session), showings(home));
  return others.length === 0 ? undefined : others.slice(0, TOLD_MAX);
}

/** What those have noted that still run; what is left of others goes. */
export function showings(home: string): Showing[] {
  const dir = showingsDir(home);
  const found: Showing[] = [];
  for (const pid of noted(dir)) {
    const file = path.join(dir, pid);
    try {
      const [inside, shown, start] = fs.readFileSync(file, 'utf8').split('\n');
      if (inside === undefined || shown === undefined || start === undefined) continue;
      if (isAlive(Number(pid), start)) found.push({ inside: markOf(inside), shown: markOf(shown) });
      else fs.rmSync(file, { force: true });
    } catch {
      // It has ended meanwhile.
    }
  }
  return found;
}

function noted(dir: string): string[] {
  try {
    return fs.readdirSync(dir);
  } catch {
    return [];
  }
}
