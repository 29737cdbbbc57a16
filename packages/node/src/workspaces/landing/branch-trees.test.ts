/** The user changes branches while something lands: the trees that have the branch in the end are as it is, and no others. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import { newId } from '@skein/protocol/ids';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { anyHeld } from './branch-trees.ts';
import { Landings } from './landing.fixture.ts';
import { lockTree, treeFiles } from './tree-lock.ts';
import { forgetLanding } from './undo.ts';

let repos: Landings;
beforeEach(() => {
  repos = new Landings();
});
afterEach(() => repos.destroy());

/** A repository with a branch `other`; of which one's checkout, there, waits for a file `go`. */
function slowBase(slow: 'main' | 'other'): { base: string; work: string } {
  const base = repos.repository();
  repos.git(base, 'branch', 'other');
  repos.git(base, 'checkout', '-q', slow);
  repos.write(base, '.gitattributes', 's filter=slow\n');
  repos.commit(base, 's');
  repos.git(base, 'checkout', '-q', slow === 'main' ? 'other' : 'main');
  const wait = `while [ "$PWD" = ${base} -a -d ${base} -a ! -e ${repos.path('go')} ]; do sleep 0.02; done; cat`;
  repos.git(base, 'config', 'filter.slow.smudge', wait);
  repos.git(base, 'config', 'filter.slow.clean', 'cat');
  const work = repos.path('work');
  repos.git(base, 'worktree', 'add', '-q', '-b', 'skein/work', work, 'main');
  repos.commit(work, 'b.txt');
  return { base, work };
}

/** Resolves when something comes to be in a directory of which that is true. */
async function comes(dir: string, is: () => boolean): Promise<void> {
  const watcher = fs.watch(dir);
  try {
    while (!is()) await once(watcher, 'change');
  } finally {
    watcher.close();
  }
}

/** Lands on main while the base is on its way to another branch, which it reaches when the landing waits for it. */
async function landDuring(base: string, work: string, to: 'main' | 'other'): Promise<void> {
  const gitDir = path.join(base, '.git');
  const child = spawn('git', ['checkout', '-q', to], { cwd: base, stdio: 'ignore' });
  const ended = once(child, 'exit');
  await comes(gitDir, () => fs.existsSync(path.join(gitDir, 'index.lock')));
  const landing = newId();
  const waits = new AbortController();
  const watched = fs.promises.watch(gitDir, { signal: waits.signal });
  const tried = (async () => {
    for await (const { filename } of watched) if (filename?.includes(`skein-${landing}`)) return;
  })().catch(() => {});
  const landed = repos.land(base, work, { landing, onto: 'main' });
  landed.catch(() => {});
  await Promise.race([tried, landed]);
  waits.abort();
  repos.write(repos.dir, 'go', '');
  expect(await ended).toEqual([0, null]);
  await landed;
  await forgetLanding(base, landing, repos.options);
  expect(repos.leftovers(base)).toEqual([]);
}

test('[W5] a tree that goes to another branch meanwhile stays as that is', async () => {
  const { base, work } = slowBase('other');
  await landDuring(base, work, 'other');
  expect(repos.status(base)).toBe('');
  expect(fs.existsSync(path.join(base, 'b.txt'))).toBe(false);
  expect(repos.git(base, 'show', 'main:b.txt')).toBe('b.txt');
});

test('[W5] a tree that comes to the branch meanwhile follows it', async () => {
  const { base, work } = slowBase('main');
  await landDuring(base, work, 'main');
  expect(repos.status(base)).toBe('');
  expect(repos.read(base, 'b.txt')).toBe('b.txt\n');
});

test('[W5] who is at work in a tree of another branch keeps nobody from landing where a tree has the branch', async () => {
  const { base, work } = slowBase('other');
  const other = repos.worktree(base, 'elsewhere');
  const lock = `${repos.git(other, 'rev-parse', '--path-format=absolute', '--git-dir')}/index.lock`;
  fs.writeFileSync(lock, '');
  expect((await repos.land(base, work)).commits).toBe(1);
  fs.rmSync(lock);
});

test('[W5] a tree that a landing holds is found, whatever the directory of its repository is called', async () => {
  const base = repos.repository('we[i]rd {n,m}*');
  const work = repos.worktree(base);
  lockTree(await treeFiles(work, 'held', repos.options), 'held');
  expect(await anyHeld(base, ['held'], repos.options)).toBe(true);
  expect(await anyHeld(base, ['other'], repos.options)).toBe(false);
});
