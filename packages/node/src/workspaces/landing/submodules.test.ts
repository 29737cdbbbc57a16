/** Submodules that the work makes something else of: what a tree holds in their places is never removed. */
import fs from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Landings } from './landing.fixture.ts';

let repos: Landings;
beforeEach(() => {
  repos = new Landings();
});
afterEach(() => repos.destroy());

function withSubmodule(): { base: string; work: string } {
  const base = repos.repository();
  repos.git(base, 'submodule', '--quiet', 'add', repos.repository('lib'), 'lib');
  repos.git(base, 'commit', '-q', '-m', 'lib');
  const work = repos.worktree(base);
  repos.git(work, 'rm', '-q', '--cached', 'lib', '.gitmodules');
  fs.rmdirSync(path.join(work, 'lib'));
  fs.rmSync(path.join(work, '.gitmodules'));
  return { base, work };
}

test.each(['lib', 'lib/inside'])(
  '[W5] it stops before a submodule with files in it, where %s is to be',
  async (file) => {
    const { base, work } = withSubmodule();
    repos.commit(work, file);
    repos.write(base, 'lib/mine.txt', 'nowhere else\n');
    repos.write(base, 'lib/a.txt', 'changed\n');
    const before = repos.tip(base);
    await expect(repos.land(base, work)).rejects.toMatchObject({
      code: 'landing_stopped',
      paths: ['lib'],
      message: expect.stringContaining('git submodule deinit'),
    });
    expect(repos.tip(base)).toBe(before);
    expect(repos.read(base, 'lib/mine.txt') + repos.read(base, 'lib/a.txt')).toBe('nowhere else\nchanged\n');
    expect(repos.leftovers(base)).toEqual([]);
    // By those words.
    repos.git(base, 'submodule', '--quiet', 'deinit', '--force', 'lib');
    const landed = await repos.land(base, work);
    expect(landed.message).toBeNull();
    expect(repos.read(base, file)).toBe(`${file}\n`);
    expect(repos.status(base)).toBe('');
    await repos.undo(base, landed);
    expect([repos.tip(base), repos.status(base)]).toEqual([before, '']);
  },
);

test('[W5] a submodule that goes leaves what is in it', async () => {
  const { base, work } = withSubmodule();
  repos.git(work, 'commit', '-q', '-m', 'No lib');
  repos.write(base, 'lib/mine.txt', 'nowhere else\n');
  expect((await repos.land(base, work)).message).toBeNull();
  expect(repos.read(base, 'lib/mine.txt')).toBe('nowhere else\n');
});
