/** git as workspaces run it: asked for nothing, ended in time, trusted with no secret. */
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { runGroup } from '../platform/group.ts';
import { findByEnvironment } from '../platform/process.ts';
import { git, gitList, gitText, gitYes } from './git.ts';
import { withoutPasswords } from './passwords.ts';
import { withoutLfs } from './without-lfs.fixture.ts';

withoutLfs();

let dir: string;
beforeEach(() => {
  dir = fs.mkdtempSync(path.join(os.tmpdir(), 'skein-git-'));
});
afterEach(() => fs.rmSync(dir, { recursive: true, force: true }));

const env = { PATH: process.env.PATH ?? '' };
const group = (command: string, more: object = {}) =>
  runGroup(['/bin/sh', '-c', command], { cwd: dir, env, timeout: 5_000, most: 1_000, ...more });

describe('a program in a group of its own', () => {
  test('what it prints is kept within bounds: the first of stdout, the last of stderr', async () => {
    const end = await group('seq 1 1000; seq 1 1000 >&2');
    expect(end).toMatchObject({ code: 0, why: 'exit', cut: true });
    expect(end.stdout.toString()).toMatch(/^1\n2\n/);
    expect(end.stderr.toString()).toMatch(/999\n1000\n$/);
    expect(end.stdout.length + end.stderr.length).toBe(2_000);
  });

  test('the last of both as one', async () => {
    const end = await group('seq 1 1000; echo end >&2', { joined: true });
    expect(end.stdout.toString()).toMatch(/1000\nend\n$/);
  });

  test('its time is over: all of its group end, even one that heeds no SIGTERM', async () => {
    const marked = { ...env, SKEIN_TEST_GROUP: path.basename(dir) };
    const begun = performance.now();
    const end = await group("trap '' TERM; sleep 60 & sleep 60", { env: marked, timeout: 200 });
    expect(end.why).toBe('timeout');
    expect(performance.now() - begun).toBeLessThan(10_000);
    expect(findByEnvironment('SKEIN_TEST_GROUP', path.basename(dir))).toEqual([]);
  });

  test.skipIf(process.platform !== 'linux').each([
    [false, 0],
    [true, 1],
  ])(
    'it is not wanted any more: what has left its group ends with it, unless that is to last (%s)',
    async (lasting, left) => {
      const marked = { ...env, SKEIN_TEST_GROUP: path.basename(dir) };
      const away = `setsid sh -c 'trap "" TERM HUP; touch ${dir}/begun; exec sleep 60'`;
      const stop = new AbortController();
      const ended = group(`${away} & sleep 60`, { env: marked, signal: stop.signal, lasting });
      await expect.poll(() => fs.existsSync(`${dir}/begun`)).toBe(true);
      stop.abort();
      expect((await ended).why).toBe('aborted');
      const found = findByEnvironment('SKEIN_TEST_GROUP', path.basename(dir));
      for (const { pid } of found) process.kill(pid, 'SIGKILL');
      expect(found).toHaveLength(left);
    },
  );

  test('what it leaves behind keeps nobody waiting, and is hung up on', async () => {
    const marked = { ...env, SKEIN_TEST_GROUP: path.basename(dir) };
    const begun = performance.now();
    expect((await group('sleep 60 & echo begun', { env: marked })).stdout.toString()).toBe('begun\n');
    expect(performance.now() - begun).toBeLessThan(3_000);
    await expect.poll(() => findByEnvironment('SKEIN_TEST_GROUP', path.basename(dir))).toEqual([]);
  });

  test('it is ended when it is not wanted any more, before its start as well', async () => {
    const stop = new AbortController();
    const ended = group('sleep 60', { signal: stop.signal });
    stop.abort();
    expect((await ended).why).toBe('aborted');
    expect((await group('sleep 60', { signal: stop.signal })).why).toBe('aborted');
  });

  test('one that cannot be started is told', async () => {
    const cannot = runGroup(['/nowhere/x'], { cwd: dir, env, timeout: 100, most: 10 });
    await expect(cannot).rejects.toMatchObject({ code: 'program_not_found' });
  });
});

describe('git', () => {
  test('its answers, its lists, its errors', async () => {
    await git(dir, ['init', '-q', '-b', 'main', '.']);
    fs.writeFileSync(path.join(dir, 'a\nb'), '');
    expect(await gitList(dir, ['ls-files', '-zo'])).toEqual(['a\nb']);
    expect(await gitText(dir, ['symbolic-ref', 'HEAD'])).toBe('refs/heads/main');
    expect(await gitYes(dir, ['show-ref', '--quiet', '--verify', 'refs/heads/x'])).toBe(false);
    const failed = git(dir, ['rev-parse', '--verify', 'nothing']);
    await expect(failed).rejects.toMatchObject({
      code: 'git_failed',
      data: { code: 128, verb: 'rev-parse' },
    });
    await expect(git(path.join(dir, 'no'), ['status'])).rejects.toMatchObject({ code: 'bad_cwd' });
  });

  test('[W5] it is led astray by nothing in the environment of the node', async () => {
    await git(dir, ['init', '-q', '.']);
    process.env.GIT_DIR = '/nowhere';
    try {
      expect(await gitText(dir, ['rev-parse', '--is-inside-work-tree'])).toBe('true');
    } finally {
      delete process.env.GIT_DIR;
    }
  });

  test('[W5] it runs no hooks of a repository, and no helper that a URL names', async () => {
    await git(dir, ['init', '-q', '.']);
    const hook = path.join(dir, '.git/hooks/post-checkout');
    fs.mkdirSync(path.dirname(hook), { recursive: true });
    fs.writeFileSync(hook, `#!/bin/sh\ntouch ${dir}/ran\n`, { mode: 0o755 });
    const who = ['-c', 'user.name=A', '-c', 'user.email=a@b'];
    execFileSync('git', [...who, 'commit', '-q', '--allow-empty', '-m', 'x'], { cwd: dir });
    await git(dir, ['checkout', '-q', '-b', 'other']);
    expect(fs.existsSync(`${dir}/ran`)).toBe(false);
    const helper = git(dir, ['clone', '--', `ext::touch ${dir}/ran`, 'out']);
    await expect(helper).rejects.toMatchObject({ code: 'git_failed' });
    expect(fs.existsSync(`${dir}/ran`)).toBe(false);
  });

  test('[W5] nobody is asked for a password, and none is told', async () => {
    const settings = { 'url.http://user:hunter2@127.0.0.1:1/.insteadOf': 'http://short/' };
    const failed = git(dir, ['ls-remote', 'http://short/x'], { settings });
    const error = await failed.catch((thrown: Error) => thrown);
    expect(String((error as Error).message)).not.toContain('hunter2');
  });

  test.each([
    ['a https://u:p@h/x, ssh://g@h b', 'a https://h/x, ssh://h b'],
    ["unable to access 'https://u:to/ken@h/x': no", "unable to access 'https://h/x': no"],
    ['https://u:p@ss@h:80/x', 'https://h:80/x'],
    [
      'http://localhost:4873/pkg@1.0.0 https://h/pkg@1.0.0',
      'http://localhost:4873/pkg@1.0.0 https://h/pkg@1.0.0',
    ],
  ])('[W5] %s is told without a password', (text, told) => expect(withoutPasswords(text)).toBe(told));

  test('[W5] a program of a user that keeps large files is not needed', async () => {
    await git(dir, ['init', '-q', '.']);
    fs.writeFileSync(path.join(dir, '.gitattributes'), '*.bin filter=lfs\n');
    fs.writeFileSync(path.join(dir, 'a.bin'), 'version https://git-lfs.github.com/spec/v1\n');
    for (const [key, value] of [
      ['clean', 'git-lfs clean %f'],
      ['smudge', 'git-lfs smudge %f'],
      ['required', 'true'],
    ])
      execFileSync('git', ['config', `filter.lfs.${key}`, value as string], { cwd: dir });
    await git(dir, ['add', '.']);
    fs.rmSync(path.join(dir, 'a.bin'));
    await git(dir, ['checkout', '--', 'a.bin']);
    expect(fs.readFileSync(path.join(dir, 'a.bin'), 'utf8')).toContain('git-lfs');
  });

  test('[W5] of many files all are listed, or none', async () => {
    await git(dir, ['init', '-q', '.']);
    const blob = await gitText(dir, ['hash-object', '-w', '--stdin'], { input: 'x' });
    const names = Array.from({ length: 70_000 }, (_, i) => `${'long'.repeat(50)}/${i}`);
    const input = names.map((name) => `100644 ${blob} 0\t${name}\n`).join('');
    await git(dir, ['update-index', '--index-info'], { input });
    const listed = await gitList(dir, ['ls-files', '--stage', '-z']);
    expect(listed).toHaveLength(names.length);
    await expect(gitList(dir, ['ls-files', '-z'], { most: 1_000 })).rejects.toMatchObject({
      code: 'too_large',
    });
  });
});
