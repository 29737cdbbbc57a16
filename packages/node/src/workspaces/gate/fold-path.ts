/** A path as its disk compares it (rule W1): equal for names of the same file. */
import { type Folds, foldName } from '@skein/protocol/workspaces/patterns';

export function foldPath(path: string, folds: Folds): string {
  if (!folds.case && !folds.unicode) return path;
  return path
    .split('/')
    .map((name) => foldName(name, folds))
    .join('/');
}
