/** Patterns as they are typed: from the workspace's root, unless they say that they are from here. Pure. */
import path from 'node:path';
import { SkeinError } from '@skein/protocol/errors';
import { formatPattern, patternOfPath, shownPattern } from '@skein/protocol/workspaces/patterns';

/** `./x`, `../x` and `.` are from the directory `cwd`, `/x` from the system's root; throws `bad_request` for what is outside. */
export function fromHere(glob: string, root: string, cwd: string): string {
  const outside = () =>
    new SkeinError('bad_request', `${shownPattern(glob)} does not lie in this workspace, which is ${root}.`);
  if (glob.startsWith('/')) {
    const within = path.posix.normalize(glob);
    if (within === root || within === `${root}/`) return '**';
    if (!within.startsWith(root === '/' ? root : `${root}/`)) throw outside();
    return within.slice(root === '/' ? 1 : root.length + 1);
  }
  if (!/^\.{1,2}(\/|$)/.test(glob)) return glob;
  const here = path.relative(root, cwd);
  if (here === '..' || here.startsWith('../')) throw outside();
  const base = here === '' ? '' : `${formatPattern(patternOfPath(here))}/`;
  const named = path.posix.normalize(`${base}${glob}`);
  if (named === '..' || named.startsWith('../')) throw outside();
  // A directory that is named by where it is means what is in it.
  if (named === '.' || named === './') return '**';
  return /(^|\/)\.{1,2}$/.test(glob) ? `${named}/**` : named;
}
