/**
 * A file that has several names is written under all of them at once (rule W1). The system does not tell which they are, so
 * what others have claimed is looked through for one of them; only such a file costs that.
 */
import fs from 'node:fs';
import path from 'node:path';
import { pairsOf } from '@skein/protocol/keyed';
import { covers, foldPattern, type Pattern, parsePattern } from '@skein/protocol/workspaces/patterns';
import type { Claim, WorkspaceState } from '@skein/protocol/workspaces/state';
import { foldPath } from './fold-path.ts';
import type { Place } from './realised.ts';

/** Files and directories that are looked at, of all claims together: about 10 ms. */
const MOST = 4_096;

/** Another name of the same file that somebody else has claimed; `unclear` when there is too much to look through. */
export function claimedName(
  state: WorkspaceState,
  mine: (claim: Claim) => boolean,
  { path: own, names }: Place,
): { claim: Claim; path: string } | 'unclear' | undefined {
  if (names === undefined) return undefined;
  const { root, claims } = state;
  const budget = { left: MOST };
  for (const [, claim] of pairsOf(claims)) {
    if (mine(claim)) continue;
    for (const glob of claim.globs) {
      for (const at of filesUnder(state, parsePattern(glob), budget)) {
        const stat = at === own ? undefined : statAt(path.join(root, at));
        if (stat?.ino === names.inode && stat.dev === names.device) return { claim, path: at };
      }
      if (budget.left <= 0) return 'unclear';
    }
  }
  return undefined;
}

/** Paths that a pattern names: itself if it is a literal, else what is found from where its first `*` stands. */
function* filesUnder(
  { root, folds }: WorkspaceState,
  pattern: Pattern,
  budget: { left: number },
): Generator<string> {
  budget.left -= 1;
  const { segments, below } = pattern;
  const star = segments.findIndex((segment) => typeof segment !== 'string');
  const literal = segments.slice(0, star < 0 ? segments.length : star).join('/');
  if (star < 0) yield literal;
  if (star < 0 && !below) return;
  const wanted = foldPattern(pattern, folds);
  const waiting = [literal];
  for (let within = waiting.pop(); within !== undefined; within = waiting.pop()) {
    const dir = opened(path.join(root, within));
    try {
      for (let entry = dir?.readSync(); entry && budget.left > 0; entry = dir?.readSync()) {
        budget.left -= 1;
        const at = within === '' ? entry.name : `${within}/${entry.name}`;
        if (entry.isDirectory()) waiting.push(at);
        else if (entry.isFile() && covers(wanted, foldPath(at, folds))) yield at;
      }
    } finally {
      dir?.closeSync();
    }
  }
}

function opened(dir: string): fs.Dir | undefined {
  try {
    return fs.opendirSync(dir);
  } catch {
    return undefined;
  }
}

function statAt(file: string): fs.BigIntStats | undefined {
  try {
    return fs.lstatSync(file, { bigint: true, throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}
