/** What a tree has changed is told, whatever lies in it. */
import fs from 'node:fs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Repos } from '../making/repos.fixture.ts';
import { changesIn } from './changes.ts';

let repos: Repos;
beforeEach(() => {
  repos = new Repos();
});
afterEach(() => repos.destroy());

const changes = (dir: string) => changesIn(dir, { onto: null, upstream: null, stat: false }, {});

test('[W5] repositories within are named, with a commit of their own or without, and what is in them is not told', async () => {
  const up = repos.repository();
  expect(await changes(up)).not.toHaveProperty('nested');
  repos.write(up, 'a.txt', 'changed\n');
  repos.write(up, 'deep/new', 'new\n');
  for (const name of ['deep/em*ty', 'with']) repos.git(repos.dir, 'init', '-q', `${up}/${name}`);
  repos.write(up, 'deep/em*ty/x', 'x');
  repos.commit(`${up}/with`, 'z');
  const status = repos.git(up, 'status', '--porcelain');
  const told = await changes(up);
  expect(told.files.map(({ path }) => path)).toEqual(['a.txt', 'deep/new']);
  expect(told.nested).toEqual(['deep/em*ty', 'with']);
  const below = await changes(`${up}/deep`);
  expect([below.files, below.nested]).toEqual([[{ path: 'new', added: 1, removed: 0 }], ['em*ty']]);
  expect(repos.git(up, 'status', '--porcelain')).toBe(status);
});

test('[W5] so is one that is all there is', async () => {
  const up = repos.empty();
  fs.mkdirSync(`${up}/sub`);
  repos.git(`${up}/sub`, 'init', '-q');
  expect(await changes(up)).toMatchObject({ head: null, from: null, files: [], nested: ['sub'], diff: '' });
});
