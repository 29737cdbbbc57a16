/** Refusals of claims and of writes under them (rules W2, K5). Pure. */
import { SkeinError } from '@skein/protocol/errors';
import type { Holder } from '@skein/protocol/workspaces/holder';
import { shownPattern } from '@skein/protocol/workspaces/patterns';
import type { WorkspaceState } from '@skein/protocol/workspaces/state';
import type { Entry } from './claim-index.ts';

/** Claims that a refusal names; there may be thousands. */
const NAMED = 10;

/** What a program needs of whatever is in its way. */
export interface Blocking {
  kind: Entry['kind'];
  holder: Holder;
  globs: string[];
  /** Null for a call. */
  claim: string | null;
  /** Null while it waits. */
  fence: number | null;
}

export function blockingOf(entries: readonly Entry[]): Blocking[] {
  return entries.slice(0, NAMED).map((entry) => {
    const { kind, holder } = entry;
    if (kind === 'claim') {
      const { globs, claim, fence } = entry.claim;
      return { kind, holder, globs, claim, fence };
    }
    if (kind === 'waiter')
      return { kind, holder, globs: entry.waiter.globs, claim: entry.waiter.claim, fence: null };
    return { kind, holder, globs: [], claim: null, fence: null };
  });
}

/** Somebody else holds it, is writing it still, or waits for it and comes first; `entries` as `inTheWay` gives them. */
export function claimed(
  state: WorkspaceState,
  globs: readonly string[],
  entries: readonly Entry[],
): SkeinError {
  const [first] = entries;
  const names = [...new Set(entries.map(({ holder }) => holder.name))];
  const others = names.length > 1 ? ` and ${names.length - 1} more` : '';
  const what = shownPattern(globs[0] ?? '');
  const doing = { claim: 'is held by', call: 'is being written by', waiter: 'is waited for by' };
  const message = `"${what}" ${doing[first?.kind ?? 'claim']} ${names[0]}${others}. Wait for it with --wait, or choose other paths.`;
  return new SkeinError('claimed', message, {
    workspace: state.id,
    globs: [...globs],
    blocking: blockingOf(entries),
  });
}

/** A strict workspace takes nothing by itself. */
export function claimMissing(state: WorkspaceState, paths: readonly string[]): SkeinError {
  const message = `Workspace "${state.name}" is strict: "${shownPattern(paths[0] ?? '')}" must be claimed before it is written.`;
  return new SkeinError('claim_missing', message, { workspace: state.id, paths: [...paths] });
}

export function deadlock(other: Holder, globs: readonly string[]): SkeinError {
  const what = globs.map(shownPattern).join(', ');
  const message = `${other.name} waits for what you hold ("${what}") and holds what you want: release yours first, or choose other paths.`;
  return new SkeinError('deadlock', message, { holder: other, globs: [...globs] });
}
