/** The guard of commits, asked by real git of a real node (rule W2). */
import { execFileSync, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Skein } from './support/cli.ts';
import { git, repository } from './support/git-repository.ts';

let skein: Skein;
let base: string;

beforeAll(() => {
  skein = new Skein();
  base = join(skein.home, '..', 'app');
  repository(base);
  skein.run('workspace', 'create', 'local', base, '--name', 'app', '--guard');
  skein.run('run', '-d', '--name', 'other', '--workspace', 'app', 'sleep', '1000');
});
afterAll(() => skein.destroy());

function commit(
  file: string,
  env: Record<string, string> = {},
  ...more: string[]
): { done: boolean; said: string } {
  fs.writeFileSync(join(base, file), String(Math.random()));
  git(base, 'add', file);
  const who = ['-c', 'user.name=A', '-c', 'user.email=a@example.org'];
  const { status, stderr } = spawnSync('git', [...who, 'commit', '-q', '-m', 'x', ...more], {
    cwd: base,
    env: { PATH: process.env.PATH, HOME: base, ...env },
    encoding: 'utf8',
  });
  git(base, 'reset', '-q');
  return { done: status === 0, said: stderr };
}

test('[W2] a commit of what others have claimed is refused, naming them; their own is not', () => {
  const { inside } = skein.json<{ inside: { run: string }[] }>('workspace', 'show', 'app');
  const run = inside[0]?.run ?? '';
  skein.run('claim', 'app', 'src/**', 'held.txt', '--for', run);
  expect(commit('free.txt')).toEqual({ done: true, said: '' });
  const refused = commit('held.txt');
  expect(refused.done).toBe(false);
  expect(refused.said).toMatch(
    /not committed.*held\.txt, by other in app.*skein claim app held\.txt --wait.*--no-verify/s,
  );
  expect(commit('held.txt', { SKEIN_RUN: run }).done).toBe(true);
  expect(commit('held.txt', {}, '--no-verify').done).toBe(true);
  skein.run('claim', 'app', 'mine.txt');
  expect(commit('mine.txt').done).toBe(true);
  expect(commit('mine.txt', { SKEIN_RUN: run }).done).toBe(false);
});

test('[W2] what it says of how to wait claims just that, whatever its name and wherever the workspace begins', () => {
  fs.mkdirSync(join(base, 'part'));
  skein.run('workspace', 'create', 'local', join(base, 'part'), '--name', 'part', '--guard');
  skein.run('run', '-d', '--name', 'parted', '--workspace', 'part', 'sleep', '1000');
  const { inside } = skein.json<{ inside: { run: string }[] }>('workspace', 'show', 'part');
  const run = inside[0]?.run ?? '';
  skein.run('claim', 'part', '**', '--for', run);
  const { said } = commit('part/a\nb*');
  const [, wait = ''] = /wait for it: skein (claim .* --wait)\./.exec(said) ?? [];
  skein.run('release', 'part', '--for', run);
  execFileSync('sh', ['-c', `${skein.command} ${wait}`]);
  const { claims } = skein.json<{ claims: { globs: string[] }[] }>('claims', 'part');
  expect(claims).toMatchObject([{ globs: ['a\nb\\*'] }]);
  skein.run('release', 'part');
});

test('[W2] a workspace that lies in another holds nobody off from what is claimed in that; nor does working elsewhere', () => {
  const run = (of: string) =>
    skein.json<{ inside: { run: string }[] }>('workspace', 'show', of).inside[0]?.run ?? '';
  skein.run('claim', 'app', 'part/**', '--for', run('app'));
  expect(commit('part/x').said).toMatch(/part\/x, by other in app/);
  expect(commit('part/x', { SKEIN_RUN: run('app') }).done).toBe(true);
  skein.run('claim', 'app', 'yours.txt');
  expect(commit('yours.txt').done).toBe(true);
  expect(commit('yours.txt', { SKEIN_RUN: run('part') }).done).toBe(false);
  skein.run('kill', 'parted');
  skein.run('workspace', 'rm', 'part');
});

test('[W2] without a node commits are let through, which is said; the guard goes with the workspace', () => {
  skein.run('down');
  const { done, said } = commit('held.txt');
  expect(done).toBe(true);
  expect(said).toContain('nobody knows whether others have claimed');
  skein.run('kill', 'other');
  skein.run('workspace', 'rm', 'app');
  expect(fs.existsSync(join(base, '.git/hooks/pre-commit'))).toBe(false);
  expect(fs.existsSync(join(base, '.git/skein'))).toBe(false);
});
