/** What stands in the way of a write (rule W2): what others have claimed of the places that it reaches, under every name they have. */
import { type Holder, sameHolder } from '@skein/protocol/workspaces/holder';
import { foldName, type Pattern, patternOfPath } from '@skein/protocol/workspaces/patterns';
import { runIn } from '@skein/protocol/workspaces/reduce';
import type { Claim, WorkspaceState } from '@skein/protocol/workspaces/state';
import { type Entry, holderOf, indexOf } from '../claims/claim-index.ts';
import { inTheWay } from '../claims/in-the-way.ts';
import type { Refused } from '../gate.ts';
import { claimedName } from './hard-links.ts';
import type { Place } from './realised.ts';
import { gitWords, heldWords, linkedWords, strictWords, UNCLEAR, unclearWords, type Who } from './words.ts';

/** What is known of a workspace as this is asked. */
export interface Table {
  state: WorkspaceState;
  /** Whose a claim is, or a call or a wait, for words. */
  who(entry: Entry): Who;
}

/** The name of a repository's own directory, or, in a worktree or a submodule, of the file that leads to it. */
const GIT = '.git';

/** What of each place is written: it, or all that is in it. A directory that is moved brings what is in it to where nothing is. */
export function patternsOf(places: readonly Place[]): Pattern[] {
  const trees = places.some((place) => place.is === 'directory');
  return places.map(({ path, is }) =>
    patternOfPath(path, is === 'directory' || path === '' || (trees && is === 'nothing')),
  );
}

/** The first thing in the way; undefined when nothing is. What the workspace's actor decides on the same state is the same. */
export function look(table: Table, run: string, places: readonly Place[]): Refused | undefined {
  const { state } = table;
  const git = places.find((place) => isGit(state, place));
  if (git !== undefined) return refused('git', [git.path], gitWords(git.path));
  const there = runIn(state, run);
  if (there === undefined) return unclear(places[0]?.path ?? '', 'absent');
  const holder = holderOf(there);
  const index = indexOf(state, 'gate');
  const patterns = patternsOf(places);
  const pathsOf = (some: readonly Pattern[]) =>
    places.flatMap(({ path }, n) => (some.includes(patterns[n] as Pattern) ? [path] : []));
  const bare = patterns.filter((pattern) => index.claimOver(holder, pattern) === undefined);
  for (const pattern of patterns) {
    // Whoever waits comes before those that hold nothing yet.
    const found = inTheWay(state, index, holder, [pattern]).filter(
      ({ kind }) => kind !== 'waiter' || bare.includes(pattern),
    );
    const [first] = found.sort((a, b) => ORDER.indexOf(a.kind) - ORDER.indexOf(b.kind));
    if (first !== undefined) return heldBy(table, first, pathsOf([pattern]));
  }
  for (const place of places) {
    const linked = place.names === undefined ? undefined : lookAtNames(table, holder, place);
    if (linked !== undefined) return linked;
  }
  if (state.strict && bare.length > 0)
    return refused('strict', pathsOf(bare), strictWords(pathsOf(bare), state.name));
  return undefined;
}

/** Who holds it is told before who only waits for it. */
const ORDER: readonly Entry['kind'][] = ['claim', 'call', 'waiter'];

function heldBy(table: Table, entry: Entry, paths: string[]): Refused {
  const who = table.who(entry);
  return refused('held', paths, heldWords(paths, who), who);
}

export function unclear(given: string, why: keyof typeof UNCLEAR): Refused {
  return refused('unclear', [given], unclearWords(given, UNCLEAR[why]));
}

export function refused(why: Refused['why'], paths: string[], message: string, who?: Who): Refused {
  const until = who === undefined || who.left === null ? null : Date.now() + who.left;
  return { why, paths, holder: who?.holder ?? null, until, message };
}

/** Hooks and settings of a repository are programs that others run, and its index and branches belong to all. */
function isGit({ folds }: WorkspaceState, place: Place): boolean {
  const git = foldName(GIT, folds);
  return place.path.split('/').some((name) => foldName(name, folds) === git);
}

function lookAtNames(table: Table, holder: Holder, place: Place): Refused | undefined {
  const mine = (claim: Claim) => sameHolder(claim.holder, holder);
  const found = claimedName(table.state, mine, place);
  if (found === undefined) return undefined;
  if (found === 'unclear') return unclear(place.path, 'names');
  const who = table.who({ kind: 'claim', holder: found.claim.holder, patterns: [], claim: found.claim });
  return refused('held', [place.path], linkedWords(place.path, found.path, who), who);
}
