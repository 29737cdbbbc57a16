/** The disk is full, or something else keeps git from writing, while a tree moves: it is taken back, if not at once then later. */
import fs from 'node:fs';
import path from 'node:path';
import { newId } from '@skein/protocol/ids';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { GitOptions } from '../git.ts';
import { Landings } from './landing.fixture.ts';
import { endMoves, forgetLanding } from './undo.ts';

let repos: Landings;
beforeEach(() => {
  repos = new Landings();
});
afterEach(() => repos.destroy());

/**
 * A git that has no room for the last of a tree's files, and none for an index either while `kept`, or a file `full`, is there.
 * What it has written of `cut` is its beginning.
 */
function fullDisk(kept: string, cut: string): GitOptions {
  const dir = repos.path('bin');
  fs.mkdirSync(dir);
  const real = (process.env.PATH ?? '')
    .split(':')
    .map((one) => `${one}/git`)
    .find((one) => fs.existsSync(one));
  const script = `#!/bin/sh
case "$*" in
  *read-tree*-u*) ${real} "$@"; printf beg > ${cut}; echo 'error: No space left on device' >&2; exit 128 ;;
  *read-tree*-i*) if [ "$(cat ${kept})" = landed ] || [ -e ${repos.path('full')} ]; then exit 128; fi ;;
esac
exec ${real} "$@"
`;
  fs.writeFileSync(path.join(dir, 'git'), script, { mode: 0o755 });
  const PATH = `${dir}:${process.env.PATH}`;
  return { ...repos.options, env: { ...repos.options.env, PATH } };
}

function scene() {
  const base = repos.repository();
  repos.commit(base, 'b.txt', 'was\n');
  repos.commit(base, 'a.txt', 'was\n');
  repos.write(base, 'mine.txt', 'mine\n');
  const work = repos.worktree(base);
  repos.write(work, 'a.txt', 'landed\n');
  repos.commit(work, 'b.txt', 'begun and more\n');
  repos.commit(work, 'new.txt', 'begun and more\n');
  const options = fullDisk(path.join(base, 'a.txt'), path.join(base, 'b.txt'));
  return { base, work, options, landing: newId(), before: repos.tip(base) };
}

function asItWas(base: string, before: string): void {
  expect([repos.tip(base), repos.status(base)]).toEqual([before, '?? mine.txt']);
  expect(repos.leftovers(base)).toEqual([]);
}

test('[W5] what has landed makes room first: then all is as it was', async () => {
  const { base, work, options, before } = scene();
  await expect(repos.land(base, work, {}, { options })).rejects.toThrow('No space left');
  asItWas(base, before);
});

test('[W5] what cannot be taken back is kept under its lock, and taken back once it can be', async () => {
  const { base, work, options, landing, before } = scene();
  repos.write(repos.dir, 'full', '');
  await expect(repos.land(base, work, { landing }, { options })).rejects.toMatchObject({
    code: 'landing_stopped',
    message: expect.stringMatching(/could not be taken back.*No space left/s),
  });
  const ended = { landing, onto: 'main', branch: 'skein/work' };
  expect(await endMoves(base, ended, options)).toBe(false);
  await expect(repos.land(base, work)).rejects.toThrow('an earlier landing');
  expect(() => repos.git(base, 'add', 'mine.txt')).toThrow('index.lock');
  fs.rmSync(repos.path('full'));
  expect(await endMoves(base, ended, options)).toBe(true);
  asItWas(base, before);
  await forgetLanding(base, landing, options);
  expect((await repos.land(base, work)).commits).toBe(2);
  expect(repos.status(base)).toBe('?? mine.txt');
});
