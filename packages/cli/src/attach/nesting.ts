/**
 * Which sessions are shown in which, on this machine. One that is shown in itself, if by way of others, would print without end
 * what it prints, until nothing is left of what was kept of it before.
 */
import fs from 'node:fs';
import path from 'node:path';
import { FILE_MODE, makeDir } from '@skein/node/platform/files';
import { isAlive, startTime } from '@skein/node/platform/process';
import { SkeinError } from '@skein/protocol/errors';

/** A process that runs in the session `inside` shows the session `shown`. */
interface Showing {
  inside: string;
  shown: string;
}

/**
 * For who is about to show what a session prints as it comes: inside of another one, notes that for as long as this process
 * runs. Throws `bad_request` where that other one is to be seen in it.
 */
export function nest(home: string, { id, name }: { id: string; name: string }): void {
  const inside = process.env.SKEIN_SESSION;
  if (!inside) return;
  if (inside === id)
    throw new SkeinError('bad_request', `You are inside "${name}" already: it cannot show itself.`);
  const dir = path.join(home, 'run', 'nested');
  const mine = path.join(dir, String(process.pid));
  const forget = () => fs.rmSync(mine, { force: true });
  try {
    // Before looking: of two that do so at once, one sees the other.
    makeDir(dir);
    fs.writeFileSync(mine, [inside, id, startTime(process.pid)].join('\n'), { mode: FILE_MODE });
    process.on('exit', forget);
  } catch {
    // A sandbox lets nothing be written there. What others have noted can be read.
  }
  if (!seenIn(id, showings(dir)).has(inside)) return;
  const message = `You are inside a session that "${name}" shows already: each would print without end what the other does.`;
  throw new SkeinError('bad_request', message, { advice: `Leave it in "${name}" first.` });
}

/** All that is to be seen in a session, itself included. */
function seenIn(session: string, all: readonly Showing[]): Set<string> {
  const seen = new Set([session]);
  // Comes to what is added meanwhile, too.
  for (const one of seen) for (const { inside, shown } of all) if (inside === one) seen.add(shown);
  return seen;
}

/** What those have noted that still run; what is left of others goes. */
function showings(dir: string): Showing[] {
  const found: Showing[] = [];
  for (const pid of noted(dir)) {
    const file = path.join(dir, pid);
    try {
      const [inside, shown, start] = fs.readFileSync(file, 'utf8').split('\n');
      if (inside === undefined || shown === undefined || start === undefined) continue;
      if (isAlive(Number(pid), start)) found.push({ inside, shown });
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
