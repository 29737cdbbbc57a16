/** Trees of which only a part is checked out: what is written beside that part is told and lands as well (rule W5). */
import fs from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { changesIn } from './changes.ts';
import { Landings } from './landing.fixture.ts';

let repos: Landings;
beforeEach(() => {
  repos = new Landings();
});
afterEach(() => repos.destroy());

/** With `in` checked out and `out` not, and a worktree that is the same, in which both have changed. */
function scene(): { base: string; work: string } {
  const base = repos.repository();
  repos.commit(base, 'in/a.txt');
  repos.commit(base, 'out/b.txt');
  repos.git(base, 'sparse-checkout', 'set', 'in');
  const work = repos.worktree(base);
  repos.git(work, 'sparse-checkout', 'set', 'in');
  repos.write(work, 'in/a.txt', 'changed\n');
  repos.write(work, 'out/new.txt', 'new\n');
  return { base, work };
}

test('[W5] what is beside the part that is checked out is told, and lands', async () => {
  const { base, work } = scene();
  const { files } = await changesIn(work, { onto: null, upstream: null, stat: false }, repos.options);
  expect(files.map(({ path }) => path)).toEqual(['in/a.txt', 'out/new.txt']);
  const { after } = await repos.land(base, work);
  expect(repos.git(base, 'ls-tree', '-r', '--name-only', after).split('\n')).toEqual([
    ...['a.txt', 'in/a.txt', 'out/b.txt', 'out/new.txt'],
  ]);
  expect(repos.read(base, 'in/a.txt')).toBe('changed\n');
  expect([repos.status(base), repos.status(work)]).toEqual(['', '']);
  expect(repos.leftovers(base).filter((one) => !one.startsWith('refs/'))).toEqual([]);
});

test('[W5] what git has staged of what it then refuses is as it was', async () => {
  const { base, work } = scene();
  // All others are staged before it says so.
  repos.git(work, 'config', 'add.ignoreErrors', 'true');
  repos.write(work, 'in/git~1', 'no name for a file of git\n');
  const before = repos.status(work);
  await expect(repos.land(base, work)).rejects.toThrow('git~1');
  expect(repos.status(work)).toBe(before);
});

test('[W5] a git that takes by itself what is beside the part, and knows no option for it, is not told that option', async () => {
  const { base, work } = scene();
  const before = process.env.PATH ?? '';
  const real = before
    .split(':')
    .map((dir) => path.join(dir, 'git'))
    .find((one) => fs.existsSync(one));
  const older = `#!/bin/sh
for word; do
  [ "$word" = version ] && echo 'git version 2.33.8' && exit 0
  [ "$word" = --sparse ] && echo "error: unknown option: sparse" >&2 && exit 129
done
exec '${real}' "$@"
`;
  const dir = path.join(base, '..', 'older');
  fs.mkdirSync(dir);
  fs.writeFileSync(path.join(dir, 'git'), older, { mode: 0o755 });
  fs.rmSync(path.join(work, 'out'), { recursive: true });
  process.env.PATH = `${dir}:${before}`;
  try {
    const { after } = await repos.land(base, work);
    expect(repos.git(base, 'show', `${after}:in/a.txt`)).toBe('changed');
  } finally {
    process.env.PATH = before;
  }
});
