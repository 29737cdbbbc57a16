/** Which session a person means: an id, a name, or the beginning of either if only one begins so. */
import { SkeinError } from '@skein/protocol/errors';
import type { Listed } from '@skein/protocol/sessions/node-state';
import { meant } from '../actors/meant.ts';
import { nearest } from '../actors/nearest.ts';

/** Throws `not_found` or `ambiguous`, with the sessions that were near. */
export function resolveRef(sessions: readonly Listed[], ref: string): Listed {
  const found = meant(sessions, ref, ({ id, name }) => [id, name]);
  if (found.only !== undefined) return found.only;
  const { begun } = found;
  const near = (begun.length > 0 ? begun : nearest(sessions, ref, ({ name }) => name))
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
