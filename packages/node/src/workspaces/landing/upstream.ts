/** From which commit on the work of a branch is new: what of it has landed before does not land twice, and what was undone does (rule W5). */
import type { WorkspaceState } from '@skein/protocol/workspaces/state';
import { type GitOptions, gitText } from '../git.ts';
import { isWithin } from './branch-move.ts';
import { LandingStop } from './stop.ts';

/** A landing of the same tree that has come to its end. */
export interface Earlier {
  state: 'landed' | 'undone';
  onto: string;
  /** What the work's own branch was at, what it was landed as, and what was there before. */
  head: string;
  before: string;
  after: string;
}

export interface Sides {
  branch: string;
  tip: string;
  onto: string;
  ontoTip: string;
}

export interface Upstream {
  /** The commit, in the work's own history, from which on all is new. */
  upstream: string;
  /** It is not where git itself sees the two part: what a merge would bring is something else. */
  apart: boolean;
}

/** `earlier`: the newest first. Throws LandingStop for branches that have nothing in common. */
export async function upstreamOf(
  repository: string,
  { branch, tip, onto, ontoTip }: Sides,
  earlier: readonly Earlier[],
  options: GitOptions,
): Promise<Upstream> {
  const within = (commit: string, of: string) => isWithin(repository, commit, of, options).catch(() => false);
  const parting = (one: string, other: string) =>
    gitText(repository, ['merge-base', one, other], { ...options, answers: [0, 1] });
  for (const { state, head, before, after } of earlier.filter((one) => one.onto === onto)) {
    const hasAfter = await within(after, tip);
    if (state === 'landed' && hasAfter) break;
    // Somebody may have dropped it from the branch: then it is as if it had never landed.
    if (!(await within(after, ontoTip))) continue;
    const hasHead = await within(head, tip);
    if (state === 'landed' && hasHead) return { upstream: head, apart: true };
    // Undone by a commit on top: the branch holds both, and git would take the work for landed.
    if (state === 'undone' && (hasAfter || (hasHead && (await within(head, ontoTip)))))
      return { upstream: await parting(before, tip), apart: true };
  }
  const base = await parting(tip, ontoTip);
  if (base !== '') return { upstream: base, apart: false };
  const shallow = await gitText(repository, ['rev-parse', '--is-shallow-repository'], options);
  throw new LandingStop(
    shallow === 'true'
      ? `${branch} and ${onto} have no commit in common here: the repository is shallow. Fetch the rest with git fetch --unshallow, then land again.`
      : `${branch} and ${onto} have no commit in common.`,
  );
}

/** What of it has landed before, or was undone, the newest first. */
export function earlierOf(
  { landings }: Pick<WorkspaceState, 'landings'>,
  { landing, from }: { landing: string | null; from: string },
): Earlier[] {
  return landings
    .filter((one) => one.from === from && one.landing !== landing)
    .flatMap(({ state, head, before, after, onto }) =>
      (state === 'landed' || state === 'undone') && head !== null && before !== null && after !== null
        ? [{ state, head, before, after, onto }]
        : [],
    )
    .toReversed();
}
