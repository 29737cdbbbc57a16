/** The guard of commits in real repositories: it disturbs no hook that is there, and leaves nothing behind. */
import fs from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Landings } from '../landing/landing.fixture.ts';
import { installGuard, removeGuard } from './install.ts';

let repos: Landings;
let base: string;
let program: string;
beforeEach(() => {
  repos = new Landings();
  base = repos.repository();
  program = repos.path('ask');
  answer(0);
});
afterEach(() => repos.destroy());

/** What the node says to whoever asks; it is noted that it was asked. */
const answer = (status: number) =>
  fs.writeFileSync(program, `#!/bin/sh\necho asked >> ${repos.path('log')}\nexit ${status}\n`, {
    mode: 0o755,
  });
const hook = (dir: string, name: string, status = 0, more = '') => {
  repos.write(dir, name, `#!/bin/sh\n${more}\necho ${name} >> ${repos.path('log')}\nexit ${status}\n`);
  fs.chmodSync(path.join(dir, name), 0o755);
};
const install = (id = 'a') => installGuard(base, id, program, repos.options);
const remove = (id = 'a') => removeGuard(base, id, repos.options);
let n = 0;
/** What ran, in its order, and whether there is a commit. */
function commit(dir = base, ...more: string[]): [string, boolean] {
  repos.write(dir, 'x', String(n++));
  repos.git(dir, 'add', 'x');
  fs.rmSync(repos.path('log'), { force: true });
  let done = true;
  try {
    repos.git(dir, 'commit', '-q', '-m', 'x', ...more);
  } catch {
    done = false;
  }
  const log = repos.path('log');
  return [fs.existsSync(log) ? fs.readFileSync(log, 'utf8').trim().replaceAll('\n', ' ') : '', done];
}
const hooks = () => path.join(base, '.git/hooks');
/** All that is in the repository's hooks and settings. */
function all(): string {
  const text = (dir: string): string[] =>
    fs.existsSync(dir)
      ? fs
          .readdirSync(dir)
          .map(
            (name) =>
              `${name} ${fs.lstatSync(path.join(dir, name)).mode} ${fs.readFileSync(path.join(dir, name), 'utf8')}`,
          )
      : [];
  return [
    ...text(hooks()),
    fs.readFileSync(path.join(base, '.git/config'), 'utf8'),
    ...text(path.join(base, '.git/skein')),
  ].join('\n');
}

describe('the guard of commits', () => {
  test('[W2] it is asked before a commit, refuses it or lets it through, and is passed by --no-verify', async () => {
    const before = all();
    expect(await install()).toBe('');
    expect(commit()).toEqual(['asked', true]);
    answer(3);
    expect(commit()).toEqual(['asked', false]);
    expect(commit(base, '--no-verify')).toEqual(['', true]);
    answer(1);
    expect(commit()).toEqual(['asked', true]);
    fs.rmSync(program);
    expect(commit()).toEqual(['', true]);
    expect(await install()).toBe('');
    await remove();
    expect(all()).toBe(before);
  });

  test('[W2] worktrees share it', async () => {
    const work = repos.worktree(base);
    await install();
    answer(3);
    expect(commit(work)).toEqual(['asked', false]);
  });

  test('[W2] a hook that is there runs first, and its status stands', async () => {
    hook(hooks(), 'pre-commit');
    const before = all();
    await install();
    await install();
    expect(commit()).toEqual(['pre-commit asked', true]);
    hook(hooks(), 'pre-commit.before-skein', 7);
    expect(commit()).toEqual(['pre-commit.before-skein', false]);
    hook(hooks(), 'pre-commit.before-skein', 0);
    await remove();
    expect(commit()).toEqual(['pre-commit.before-skein', true]);
    hook(hooks(), 'pre-commit');
    expect(all()).toBe(before);
  });

  test('[W2] a hook that came instead of it stays, and one that goes by its name is left alone', async () => {
    await install();
    hook(hooks(), 'pre-commit');
    await remove();
    expect(commit()).toEqual(['pre-commit', true]);
    hook(hooks(), 'pre-commit', 0, 'me=$(basename "$0")');
    expect(await install()).toContain('goes by its own name');
    expect(commit()).toEqual(['pre-commit', true]);
  });

  test.each([
    ['a directory of the tree, as of husky', '.husky/_'],
    ['a directory elsewhere', 'outside'],
  ])('[W2] hooks of the user in %s are passed on to, and theirs is left as it is', async (_, where) => {
    const value = where === 'outside' ? repos.path(where) : where;
    const dir = path.resolve(base, value);
    for (const name of ['pre-commit', 'commit-msg', 'pre-push']) hook(dir, name);
    repos.write(base, '.gitignore', '.husky/_\n');
    repos.git(base, 'add', '.');
    repos.git(base, 'commit', '-q', '-m', 'hooks');
    repos.git(base, 'config', 'core.hooksPath', value);
    const [before, there] = [all(), fs.readdirSync(dir)];
    expect(await install()).toBe('');
    expect(commit()).toEqual(['pre-commit asked commit-msg', true]);
    answer(3);
    expect(commit()).toEqual(['pre-commit asked', false]);
    hook(dir, 'post-commit');
    answer(0);
    expect(commit()).toEqual(['pre-commit asked commit-msg post-commit', true]);
    fs.rmSync(path.join(dir, 'post-commit'));
    expect(await install()).toBe('');
    await remove();
    expect(all()).toBe(before);
    expect(fs.readdirSync(dir)).toEqual(there);
    expect(commit()).toEqual(['pre-commit commit-msg', true]);
  });

  test('[W2] where a tool has set the place of hooks again meanwhile, that stays', async () => {
    repos.git(base, 'config', 'core.hooksPath', '.husky');
    await install();
    repos.git(base, 'config', 'core.hooksPath', '.other');
    await remove();
    expect(repos.git(base, 'config', 'core.hooksPath')).toBe('.other');
  });

  test('[W2] it stays as long as one workspace needs it; there is none where there is no repository', async () => {
    await install('a');
    await install('b');
    await remove('a');
    expect(commit()).toEqual(['asked', true]);
    await remove('b');
    expect(commit()).toEqual(['', true]);
    fs.mkdirSync(repos.path('plain'));
    expect(await installGuard(repos.path('plain'), 'a', program, repos.options)).toContain(
      'no git repository',
    );
    await removeGuard(repos.path('plain'), 'a', repos.options);
  });
});
