/** Which session a person means: an id, a name, or the beginning of either if only one begins so. */
import { SkeinError } from '@skein/protocol/errors';
import type { Listed } from '@skein/protocol/sessions/node-state';
import { meant } from '../actors/meant.ts';

/** Throws `not_found` or `ambiguous`, with the sessions that were near. */
export function resolveRef(sessions: readonly Listed[], ref: string): Listed {
  const found = meant(sessions, ref, ({ id, name }) => [id, name]);
  if (found.only !== undefined) return found.only;
  const { begun } = found;
  const near = (begun.length > 0 ? begun : nearest(sessions, ref))
    .slice(0, 10)
    .map(({ id, name, state }) => ({ id, name, state }));
  const names = near.map((s) => s.name).join(', ');
  if (begun.length > 1) {
    throw new SkeinError('ambiguous', `"${ref}" could be any of: ${names}. Say more of the name or id.`, {
      near,
    });
  }
  const hint =
    near.length > 0
      ? ` Near: ${names}.`
      : sessions.length === 0
        ? ' There are no sessions yet: skein run bash'
        : ' See: skein ls';
  throw new SkeinError('not_found', `There is no session "${ref}".${hint}`, { near });
}

function nearest(sessions: readonly Listed[], ref: string): readonly Listed[] {
  const limit = Math.max(2, Math.floor(ref.length / 3));
  return sessions
    .map((session) => ({
      session,
      far: Math.min(distance(session.name, ref), session.name.includes(ref) ? 0 : Infinity),
    }))
    .filter(({ far }) => far <= limit)
    .sort((a, b) => a.far - b.far)
    .map(({ session }) => session);
}

/** Levenshtein's distance: how many letters must change. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(change, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
