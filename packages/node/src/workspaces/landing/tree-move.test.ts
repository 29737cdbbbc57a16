/** A move of a branch that was cut off: its tree is finished or taken back, and what has come into its way since is the user's. */
import fs from 'node:fs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { resumeMove } from './branch-move.ts';
import { Landings } from './landing.fixture.ts';
import { lockTree, treeFiles } from './tree-lock.ts';

let repos: Landings;
beforeEach(() => {
  repos = new Landings();
});
afterEach(() => repos.destroy());

const ID = 'cutoffcutoff';

/** Cut off when its tree was locked, and, if it has moved, the branch had moved; before any file was written. */
async function cutOff(moved: boolean): Promise<{ base: string; from: string; to: string }> {
  const base = repos.repository();
  repos.commit(base, 'old/inside');
  const from = repos.tip(base);
  const work = repos.worktree(base);
  repos.git(work, 'rm', '-q', '-r', 'old');
  repos.write(work, 'old', 'new\n');
  repos.write(work, 'new', 'new\n');
  repos.commit(work, 'dir/new');
  const to = repos.tip(work);
  lockTree(await treeFiles(base, ID, repos.options), ID);
  for (const [which, commit] of Object.entries({ from, to }))
    repos.git(base, 'update-ref', `refs/skein/landing/${ID}/${which}`, commit);
  if (moved) repos.git(base, 'update-ref', 'refs/heads/main', to);
  return { base, from, to };
}

test.each([true, false])(
  '[W5] a directory of the user, or a file, that has come where a file is to be written stays (moved: %s)',
  async (moved) => {
    const { base, from, to } = await cutOff(moved);
    repos.write(base, 'new/mine', 'mine\n');
    repos.write(base, 'dir', 'mine\n');
    repos.write(base, 'old/mine', 'mine\n');
    fs.rmSync(`${base}/old/inside`);
    const end = await resumeMove({ id: ID, repository: base, branch: 'main' }, repos.options);
    expect(end).toEqual(moved ? { from, to } : undefined);
    for (const file of ['new/mine', 'dir', 'old/mine']) expect(repos.read(base, file)).toBe('mine\n');
    expect(fs.existsSync(`${base}/old/inside`)).toBe(!moved);
    expect(repos.git(base, 'diff', '--cached', '--name-only')).toBe('');
  },
);

test('[W5] trees that were only kept from coming to the branch are let go, and not touched', async () => {
  const base = repos.repository();
  const work = repos.worktree(base);
  repos.commit(work, 'b.txt');
  repos.git(base, 'checkout', '-q', '-b', 'other');
  const from = repos.tip(base);
  const to = repos.tip(work);
  const id = `${ID}-others`;
  lockTree(await treeFiles(base, id, repos.options), id);
  for (const [which, commit] of Object.entries({ from, to }))
    repos.git(base, 'update-ref', `refs/skein/landing/${ID}/${which}`, commit);
  repos.git(base, 'update-ref', 'refs/heads/main', to);
  const end = await resumeMove({ id: ID, repository: base, branch: 'main' }, repos.options);
  expect(end).toEqual({ from, to });
  expect(repos.status(base)).toBe('');
  expect(fs.existsSync(`${base}/b.txt`)).toBe(false);
  expect(repos.leftovers(base).filter((one) => !one.startsWith('refs/'))).toEqual([]);
});
