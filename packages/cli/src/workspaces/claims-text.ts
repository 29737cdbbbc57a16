/** Claims as people see them. Pure. */
import type { Paint } from '@skein/protocol/text/paint';
import { type Cell, table } from '@skein/protocol/text/table';
import { age, visible } from '@skein/protocol/text/words';
import type { ListedClaim } from '@skein/protocol/workspaces/asks';
import { shownPattern } from '@skein/protocol/workspaces/patterns';

/** Patterns of a claim that are shown of many. */
const SHOWN = 4;

export function claimsTable(claims: readonly ListedClaim[], paint: Paint, now: number): string {
  const head = ['PATHS', 'HOLDER', 'FENCE', 'AGE', 'STATE'];
  const rows: Cell[][] = [head.map((text) => ({ text, paint: paint.dim }))];
  for (const claim of claims)
    rows.push([
      { text: globsText(claim.globs), paint: paint.bold },
      { text: visible(claim.holder.name) },
      { text: claim.fence === null ? '-' : String(claim.fence) },
      { text: age(now - claim.since) },
      { text: stateText(claim, now), paint: claim.fence === null ? paint.yellow : paint.dim },
    ]);
  return table(rows);
}

export function globsText(globs: readonly string[]): string {
  const more = globs.length > SHOWN ? ` and ${globs.length - SHOWN} more` : '';
  return `${globs.slice(0, SHOWN).map(shownPattern).join(' ')}${more}`;
}

function stateText({ fence, before, implicit, holder, until, writing }: ListedClaim, now: number): string {
  if (fence === null) return before === 0 ? 'waits' : `waits, ${before} before it`;
  const written = writing > 0 ? ', being written' : '';
  if (implicit) return `by writing, until the turn ends${written}`;
  if (holder.kind === 'run') return `while it runs${written}`;
  return until === null ? 'held' : `${age(until - now)} left`;
}
