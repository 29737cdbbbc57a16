/**
 * Keeps a session from being shown in itself, if by way of others: it would print without end what it prints, until nothing is
 * left of what was kept of it before.
 */
import fs from 'node:fs';
import path from 'node:path';
import { FILE_MODE, makeDir } from '@skein/node/platform/files';
import { startTime } from '@skein/node/platform/process';
import { markOf, type Showing, seenIn, showings, showingsDir } from '@skein/node/sessions/showings';
import { SkeinError } from '@skein/protocol/errors';

interface Shown {
  id: string;
  name: string;
  /** Of a session elsewhere, what its node tells: marks of what is to be seen in it. */
  shows?: unknown;
}

/**
 * For who is about to show what a session prints as it comes: inside of another one, notes that for as long as this process
 * runs. Throws `bad_request` where that other one is to be seen in it.
 */
export function nest(home: string, { id, name, shows }: Shown): void {
  const inside = process.env.SKEIN_SESSION;
  if (!inside) return;
  if (inside === id)
    throw new SkeinError('bad_request', `You are inside "${name}" already: it cannot show itself.`);
  const dir = showingsDir(home);
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
  const all = [...showings(home), ...toldOf(id, shows)];
  if (!seenIn(markOf(id), all).includes(markOf(inside))) return;
  const message = `You are inside a session that "${name}" shows already: each would print without end what the other does.`;
  throw new SkeinError('bad_request', message, { advice: `Leave it in "${name}" first.` });
}

/** Whatever another machine says, it is only compared. */
function toldOf(id: string, shows: unknown): Showing[] {
  if (!Array.isArray(shows)) return [];
  return shows.map((shown) => ({ inside: markOf(id), shown: String(shown) }));
}
