/** A workspace of what another machine has handed over: a repository of its own, on the branch that its agent is to work on (rules X4, W5). */
import fs from 'node:fs';
import path from 'node:path';
import { SkeinError } from '@skein/protocol/errors';
import type { Source } from '@skein/protocol/workspaces/commands';
import { isCode, makeDir } from '../../platform/files.ts';
import { FETCH_MS, git, gitText } from '../git.ts';
import { type Making, submodulesIn } from '../making/clone.ts';
import { besideDir, clearBeside, madeIn, removeTree, tellMade } from '../making/places.ts';

type Handed = Extract<Source, { kind: 'handed' }>;

/** What the agent's home has of it: all below there is not lost with this machine. */
export const KEPT_REF = 'refs/remotes/home/kept';

/** `from`: the repository that was handed over. Done again after it was cut off anywhere, it comes to the same. */
export async function makeHanded(
  { id, root, options }: Making,
  { head, branch, node }: Handed,
  from: string,
): Promise<string> {
  if (madeIn(path.join(root, '.git'))?.id === id) return '';
  await clearBeside(root);
  if (!fs.existsSync(from))
    throw new SkeinError(
      'gone',
      `What ${node} has handed over is not here any more. Start the agent anew there.`,
    );
  const into = besideDir(root);
  try {
    const format = await gitText(from, ['rev-parse', '--show-object-format'], options);
    const init = ['init', '--quiet', `--object-format=${format}`, '--', into];
    await git(path.dirname(root), init, options);
    sharePacks(from, path.join(into, '.git'));
    await git(into, ['update-ref', `refs/remotes/home/${branch}`, head], options);
    const checkout = ['checkout', '--quiet', '--no-track', '-B', branch, head];
    // Names that some systems take for others are no files of a repository's, whoever made it.
    const settings = { 'core.protectHFS': 'true', 'core.protectNTFS': 'true' };
    await git(into, checkout, { ...options, settings, timeout: FETCH_MS });
    tellMade(path.join(into, '.git'), { id, came: [head] });
    const submodules = await submodulesIn(into, options);
    fs.renameSync(into, root);
    return submodules.length === 0
      ? ''
      : `Submodules are not checked out: ${submodules.slice(0, 3).join(', ')}`;
  } catch (error) {
    await removeTree(into);
    throw error;
  }
}

/**
 * What the one repository has, the other has as well: the same files under two names, since nobody changes a pack; where that cannot be,
 * copies. `to` is a repository's own directory.
 */
export function sharePacks(repository: string, to: string): void {
  const [from, into] = [path.join(repository, 'objects', 'pack'), path.join(to, 'objects', 'pack')];
  makeDir(into);
  const last = (name: string) => (name.endsWith('.idx') ? 1 : 0);
  for (const name of fs.readdirSync(from).sort((a, b) => last(a) - last(b))) {
    if (fs.existsSync(path.join(into, name))) continue;
    try {
      fs.linkSync(path.join(from, name), path.join(into, name));
    } catch (error) {
      if (!isCode(error, 'EXDEV', 'EPERM', 'EMLINK', 'ENOTSUP')) throw error;
      fs.copyFileSync(path.join(from, name), path.join(into, name));
    }
  }
}
