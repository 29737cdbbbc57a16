/** Who has a place among a run's viewers (rule H1): nobody takes those of all others, and some are kept for who may type. */
import { SkeinError } from '@skein/protocol/errors';
import { LOCAL } from '@skein/protocol/host/local';
import type { Right } from './rights.ts';

/** Viewers of one run; of them one device's, and places that are left to those who may type and to the machine's own user. */
const VIEWERS = 512;
const OF_ONE = 64;
const KEPT = 64;

/** Throws `mailbox_full` where there is no place for the holder of this right. */
export function checkPlace(
  viewers: ReadonlySet<{ who: string }>,
  { who, role }: Pick<Right, 'who' | 'role'>,
): void {
  const own = who === LOCAL;
  if (viewers.size >= (own || role === 'write' ? VIEWERS : VIEWERS - KEPT))
    throw new SkeinError('mailbox_full', 'This program has as many viewers as it may have.');
  if (own) return;
  let theirs = 0;
  for (const viewer of viewers) if (viewer.who === who) theirs++;
  if (theirs >= OF_ONE)
    throw new SkeinError('mailbox_full', `One device may view a program ${OF_ONE} times at once.`);
}
