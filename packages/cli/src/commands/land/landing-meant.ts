/** Which landing a person means: by its id, or the beginning of that; or the newest of a worktree, by its name or id. */
import type { Client } from '@skein/protocol/client/client';
import { SkeinError } from '@skein/protocol/errors';
import type { Landing } from '@skein/protocol/workspaces/state';

export interface MeantLanding {
  /** The workspace on whose branch it is. */
  base: string;
  landing: Landing;
}

/** Of those that are `fit`, unless the id is whole. Throws `not_found` or `ambiguous`. */
export async function landingMeant(
  client: Client,
  wanted: string,
  fit: (landing: Landing) => boolean,
): Promise<MeantLanding> {
  const bases = (await client.ask('workspaces', {})).filter(({ of }) => of === null);
  const shown = await Promise.all(bases.map(({ id }) => client.ask('workspace', { workspace: id })));
  const all = shown.flatMap(({ id: base, landings }) => landings.map((landing) => ({ base, landing })));
  const exact = all.find(({ landing }) => landing.landing === wanted);
  if (exact !== undefined) return exact;
  const fits = all.filter(({ landing }) => fit(landing));
  const named = fits.filter(({ landing: { from, fromName } }) => from === wanted || fromName === wanted);
  const newest = named.toSorted((a, b) => a.landing.at - b.landing.at).at(-1);
  if (newest !== undefined) return newest;
  const begun = fits.filter(({ landing: { landing } }) => landing.startsWith(wanted));
  if (begun.length > 1)
    throw new SkeinError('ambiguous', `"${wanted}" could be several landings. Say more of its id.`);
  if (begun[0] !== undefined) return begun[0];
  const message = `There is no such landing "${wanted}". See: skein workspace show NAME, of the workspace that it is on.`;
  throw new SkeinError('not_found', message);
}
