/** Work lands whatever its user has told git. */
import fs from 'node:fs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Landings } from './landing.fixture.ts';

let repos: Landings;
beforeEach(() => {
  repos = new Landings();
});
afterEach(() => repos.destroy());

const set = (...settings: string[]) =>
  fs.appendFileSync(
    repos.path('gitconfig'),
    settings.map((one) => `[${one.replace('.', ']\n\t')}\n`).join(''),
  );

test('[W5] with a stash, where git is to tell of those', async () => {
  set('status.showStash = true');
  const base = repos.repository();
  const work = repos.worktree(base);
  repos.write(work, 'a.txt', 'put aside\n');
  repos.git(work, 'stash', '-q');
  repos.commit(work, 'own.txt');
  expect(await repos.land(base, work)).toMatchObject({ commits: 1, message: null });
  expect(repos.git(base, 'stash', 'list')).toContain('stash@{0}');
});

test('[W5] its commits say what they said, where git is to take lines out of that', async () => {
  set('commit.cleanup = strip');
  const base = repos.repository();
  const work = repos.worktree(base);
  repos.write(work, 'own.txt', 'own\n');
  repos.git(work, 'add', '.');
  repos.git(work, 'commit', '-q', '--cleanup=verbatim', '-m', '#12 Mend the door');
  repos.commit(base, 'other.txt');
  repos.write(work, 'more.txt', 'more\n');
  await repos.land(base, work, { message: '#13 Paint it' });
  expect(repos.git(base, 'log', '--format=%s', '-2')).toBe('#13 Paint it\n#12 Mend the door');
  repos.write(work, 'last.txt', 'last\n');
  repos.commit(base, 'another.txt');
  repos.commit(work, 'last.txt');
  await repos.land(base, work, { how: 'merge', message: '#14 Hang it' });
  expect(repos.git(base, 'log', '--format=%s', '-1')).toBe('#14 Hang it');
});
