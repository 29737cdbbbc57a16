/** A handed tree's branch goes on from the commit that home has made of what was not committed in it, so that it does not land twice (rule W5). */
import path from 'node:path';
import { type GitOptions, git, gitText } from '../git.ts';
import { KEPT_REF, sharePacks } from './make-handed.ts';
import { snapshotOf } from './snapshot.ts';

/** `from` is what home has handed over, with `to`. Returns whether it does: not if the tree holds anything else by now. No file is touched. */
export async function goOnFrom(
  root: string,
  { tip, to, from }: { tip: string; to: string; from: string },
  options: GitOptions,
): Promise<boolean> {
  const now = await snapshotOf(root, options);
  if (now.head === to) return true;
  if (now.tip !== tip || now.doing !== null || now.branch === null) return false;
  sharePacks(from, path.join(root, '.git'));
  const asked = ['show', '--no-patch', '--format=%T %P', to];
  const same = await gitText(root, ['rev-parse', `${tip}^{tree}`], options);
  const told = await gitText(root, asked, { ...options, answers: 'any' });
  if (told !== `${same} ${now.head}`) return false;
  const move = ['update-ref', '-m', 'skein: landed', `refs/heads/${now.branch}`, to, now.head];
  await git(root, move, options);
  await git(root, ['read-tree', to], options);
  await git(root, ['update-index', '-q', '--refresh'], { ...options, answers: 'any' });
  await git(root, ['update-ref', KEPT_REF, to], options);
  return true;
}
