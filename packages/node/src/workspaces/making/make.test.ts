/** Workspaces made of real repositories, odd ones too, and taken away without losing anybody's work. */
import fs from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { findByEnvironment } from '../../platform/process.ts';
import { withoutLfs } from '../without-lfs.fixture.ts';
import { runHook } from './hook.ts';
import { lookAt, makeFiles, type Wanted } from './make.ts';
import { Repos } from './repos.fixture.ts';
import { removeFiles, workLeft } from './unmake.ts';

withoutLfs();

let repos: Repos;
beforeEach(() => {
  repos = new Repos();
});
afterEach(() => repos.destroy());

const left = (wanted: Wanted, meant = false) => workLeft(repos.going(wanted), meant);
const made = async (wanted: Wanted) => {
  const told = await makeFiles(wanted);
  return { ...wanted, told };
};
const clone = (url: string, more: object = {}) => made(repos.wanted({ kind: 'git', url, ...more }));
const worktree = (root: string, more: object = {}) =>
  made(repos.wanted({ kind: 'worktree', of: 'aaaaaaaaaaaa', ...more }, { name: 'base', root }));

describe('a clone', () => {
  test('[W5] of a directory, of a URL, at a branch, a tag, a commit, or part of one', async () => {
    const up = repos.repository();
    const first = repos.git(up, 'rev-parse', 'HEAD');
    repos.git(up, 'tag', '-m', 'one', 'v1');
    repos.git(up, 'checkout', '-q', '-b', 'dev');
    repos.commit(up, 'b.txt');
    const head = async (ref?: string) => {
      const one = await clone(`file://${up}`, ref === undefined ? {} : { ref });
      return (await lookAt(one)).git;
    };
    expect(await head()).toEqual({ branch: 'dev', head: repos.git(up, 'rev-parse', 'dev') });
    expect(await head('main')).toEqual({ branch: 'main', head: first });
    expect(await head('v1')).toEqual({ branch: null, head: first });
    expect(await head(first)).toEqual({ branch: null, head: first });
    expect(await head(first.slice(0, 8))).toEqual({ branch: null, head: first });
    await expect(head('nothing')).rejects.toMatchObject({ code: 'not_found' });
    await expect(head('f'.repeat(40))).rejects.toMatchObject({ code: 'not_found' });
    expect((await lookAt(await clone(up))).git?.branch).toBe('dev');
  });

  test('[W5] a shallow one has the depth that was asked for, of a directory too', async () => {
    const up = repos.repository();
    repos.commit(up, 'b.txt');
    for (const url of [up, `file://${up}`]) {
      const one = await clone(url, { depth: 1 });
      expect(repos.git(one.root, 'rev-list', '--count', 'HEAD')).toBe('1');
      expect(await left(one)).toEqual([]);
    }
    const old = repos.git(up, 'rev-parse', 'HEAD~');
    expect((await lookAt(await clone(`file://${up}`, { depth: 1, ref: old }))).git?.head).toBe(old);
  });

  test('[W5] of an empty repository, without submodules, and with what git-lfs keeps as it is', async () => {
    const empty = await clone(repos.empty());
    expect((await lookAt(empty)).git).toEqual({ branch: 'main', head: null });
    expect(await left(empty)).toEqual([]);
    const up = repos.repository();
    repos.commit(up, '.gitattributes', '*.bin filter=lfs diff=lfs merge=lfs -text\n');
    repos.commit(up, 'x.bin', 'version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n');
    repos.git(up, 'submodule', '--quiet', 'add', repos.repository('sub'), 'sub');
    repos.git(up, 'commit', '-q', '-m', 'sub');
    const one = await clone(up);
    expect(fs.readFileSync(path.join(one.root, 'x.bin'), 'utf8')).toContain('git-lfs');
    expect(fs.readdirSync(path.join(one.root, 'sub'))).toEqual([]);
    expect(await left(one)).toEqual([]);
  });

  test('[W5] a half one is never taken for one, and one that is whole is not made again', async () => {
    const up = repos.repository();
    const wanted = repos.wanted({ kind: 'git', url: up });
    const half = path.join(path.dirname(wanted.root), `.${wanted.id}.abc`);
    repos.write(half, '.git/HEAD', 'ref: refs/heads/main\n');
    await makeFiles(wanted);
    expect(repos.beside()).toEqual([wanted.id]);
    repos.write(wanted.root, 'mine.txt', 'mine');
    await makeFiles(wanted);
    expect(fs.readFileSync(path.join(wanted.root, 'mine.txt'), 'utf8')).toBe('mine');
    await expect(makeFiles({ ...wanted, id: 'b'.repeat(12) })).rejects.toThrow();
    expect(fs.existsSync(path.join(wanted.root, 'mine.txt'))).toBe(true);
  });

  test('[W5] one that fails leaves nothing, and says why', async () => {
    const wanted = repos.wanted({ kind: 'git', url: repos.path('nowhere') });
    await expect(makeFiles(wanted)).rejects.toMatchObject({
      code: 'git_failed',
      message: expect.stringContaining('does not exist'),
    });
    expect(repos.beside()).toEqual([]);
  });

  test('[W5] what no remote has is told before it goes', async () => {
    const up = repos.repository();
    repos.git(up, 'tag', 'v1');
    const one = await clone(up, { ref: 'v1' });
    expect(await left(one)).toEqual([]);
    repos.write(one.root, '.gitignore', 'ignored\n');
    repos.write(one.root, 'ignored', 'x');
    repos.write(one.root, 'new\nline', 'x');
    repos.write(one.root, 'a.txt', 'changed\n');
    expect((await left(one)).join()).toMatch(
      /1 change .*\(a.txt\).*2 files that git does not know.*"new\\nline"/,
    );
    repos.commit(one.root, 'mine');
    expect(await left(one)).toEqual(['1 commit that no remote has']);
    repos.git(one.root, 'push', '-q', 'origin', 'HEAD:refs/heads/mine');
    repos.git(one.root, 'fetch', '-q');
    expect(await left(one)).toEqual([]);
    repos.git(one.root, 'checkout', '-q', '-b', 'side');
    repos.commit(one.root, 'side');
    repos.git(one.root, 'tag', 'kept');
    repos.git(one.root, 'checkout', '-q', 'v1');
    fs.rmSync(path.join(one.root, 'ignored'));
    repos.git(one.root, 'branch', '-q', '-D', 'side');
    expect(await left(one)).toEqual(['1 commit that no remote has']);
    repos.git(one.root, 'tag', '-d', 'kept');
    repos.write(one.root, 'a.txt', 'stashed\n');
    repos.git(one.root, 'stash', '-q');
    expect(await left(one)).toEqual(['1 stash']);
    repos.git(one.root, 'stash', 'drop', '-q');
    repos.git(one.root, 'worktree', 'add', '-q', repos.path('tree'), '-b', 'tree');
    expect((await left(one)).join()).toContain('the worktree');
    await removeFiles(repos.going(one));
    expect(repos.beside()).toEqual([]);
  });

  test('[W5] work in a submodule counts', async () => {
    const up = repos.repository();
    repos.git(up, 'submodule', '--quiet', 'add', repos.repository('sub'), 'sub');
    repos.git(up, 'commit', '-q', '-m', 'sub');
    const one = await clone(up);
    repos.git(one.root, 'submodule', '--quiet', 'update', '--init');
    expect(await left(one)).toEqual([]);
    repos.commit(path.join(one.root, 'sub'), 'deep.txt');
    expect((await left(one)).join()).toContain('in sub: 1 commit that no remote has');
  });
});

describe('a worktree', () => {
  test('[W5] on a branch of its own, from where its base is', async () => {
    const up = repos.repository();
    const [one, two] = [await worktree(up), await worktree(up)];
    expect((await lookAt(one)).git).toEqual({ branch: 'skein/ws', head: repos.git(up, 'rev-parse', 'HEAD') });
    expect((await lookAt(two)).git?.branch).toBe('skein/ws-2');
    expect(one.told).toBe('');
    expect(repos.git(up, 'status', '--porcelain')).toBe('');
    const asked = await worktree(up, { branch: 'topic' });
    expect((await lookAt(asked)).git?.branch).toBe('topic');
    await expect(worktree(up, { branch: 'topic' })).rejects.toMatchObject({ code: 'name_taken' });
    await expect(worktree(up, { branch: 'a..b' })).rejects.toMatchObject({ code: 'bad_request' });
    const deeper = await worktree(one.root);
    expect((await lookAt(deeper)).git?.branch).toBe('skein/ws-3');
  });

  test('[W5] of odd repositories: it works, or is refused in words', async () => {
    await expect(worktree(repos.empty())).rejects.toMatchObject({
      message: expect.stringContaining('no commit yet'),
    });
    fs.mkdirSync(repos.path('plain'));
    const none = repos.wanted(
      { kind: 'worktree', of: 'aaaaaaaaaaaa' },
      { name: 'b', root: repos.path('plain') },
    );
    await expect(makeFiles(none)).rejects.toMatchObject({ code: 'not_a_repository' });
    expect(await left(none)).toEqual([]);
    await removeFiles(repos.going(none));
    const up = repos.repository();
    repos.commit(up, 'deep/b.txt');
    await expect(worktree(path.join(up, 'deep'))).rejects.toMatchObject({
      message: expect.stringContaining(`local ${up}`),
    });
    const bare = repos.path('bare');
    repos.git(repos.dir, 'clone', '-q', '--bare', up, bare);
    expect((await lookAt(await worktree(bare))).git?.branch).toBe('skein/ws');
    const shallow = await clone(`file://${up}`, { depth: 1 });
    expect((await lookAt(await worktree(shallow.root))).git?.branch).toBe('skein/ws');
    repos.git(up, 'checkout', '-q', '--detach');
    expect((await lookAt(await worktree(up))).git?.branch).toBe('skein/ws');
    repos.write(up, 'a.txt', 'dirty\n');
    expect((await worktree(up)).told).toContain('not committed');
    repos.git(up, 'submodule', '--quiet', 'add', repos.repository('sub'), 'sub');
    repos.git(up, 'commit', '-q', '-m', 'sub');
    expect((await worktree(up)).told).toContain('submodule update --init');
    expect(fs.readFileSync(path.join(up, 'a.txt'), 'utf8')).toBe('dirty\n');
  });

  test('[W5] is on a branch that git can have, whatever others there are', async () => {
    const up = repos.repository();
    repos.git(up, 'branch', 'skein/ws/deep');
    expect((await lookAt(await worktree(up))).git?.branch).toBe('skein/ws-2');
    await expect(worktree(up, { branch: 'main/more' })).rejects.toMatchObject({
      code: 'name_taken',
      message: expect.stringMatching(/a branch main in .* none called main\/more/),
    });
    await expect(worktree(up, { branch: 'skein' })).rejects.toMatchObject({ code: 'name_taken' });
    const other = repos.repository('other');
    repos.git(other, 'branch', 'skein');
    expect((await lookAt(await worktree(other))).git?.branch).toBe('skein-ws');
    const two = await worktree(other);
    expect((await lookAt(two)).git?.branch).toBe('skein-ws-2');
    await removeFiles(repos.going(two));
    expect(repos.git(other, 'for-each-ref', '--format=%(refname:short)')).not.toContain('ws-2');
  });

  test('[W5] of a repository whose path holds a line end', async () => {
    const up = repos.repository('new\nline ü\n');
    const one = await worktree(up);
    expect((await lookAt(one)).git).toEqual({ branch: 'skein/ws', head: repos.git(up, 'rev-parse', 'HEAD') });
    expect(await left(one)).toEqual([]);
    repos.commit(one.root, 'x');
    expect(await left(one)).toEqual(['1 commit that has not landed']);
    repos.git(up, 'merge', '-q', 'skein/ws');
    expect(await left(one)).toEqual([]);
    await removeFiles(repos.going(one));
    expect(repos.git(up, 'for-each-ref', '--format=%(refname)')).toBe('refs/heads/main');
    expect(repos.beside()).toEqual([]);
  });

  test('[W5] goes without a trace when its work is elsewhere; else it says what is left, and the branch stays', async () => {
    const up = repos.repository();
    const one = await worktree(up);
    expect(await left(one)).toEqual([]);
    repos.write(one.root, 'x', 'x');
    expect((await left(one)).join()).toContain('1 file that git does not know (x)');
    repos.commit(one.root, 'x');
    expect(await left(one)).toEqual(['1 commit that has not landed']);
    expect(await removeFiles(repos.going(one))).toContain('Branch skein/ws stays in base: it holds 1 commit');
    expect(repos.git(up, 'log', '--format=%s', 'skein/ws').split('\n')[0]).toBe('Add x');
    expect(repos.git(up, 'worktree', 'list').split('\n')).toHaveLength(1);
    expect(repos.beside()).toEqual([]);
    repos.git(up, 'branch', '-q', '-D', 'skein/ws');

    const two = await worktree(up);
    repos.commit(two.root, 'y');
    // Landed by rebasing: it is there as another commit.
    repos.commit(up, 'z');
    repos.git(up, 'cherry-pick', 'skein/ws');
    expect(await left(two)).toEqual([]);
    await removeFiles(repos.going(two));
    await removeFiles(repos.going(two));
    expect(repos.git(up, 'for-each-ref', '--format=%(refname)')).toBe('refs/heads/main');

    const three = await worktree(up, { branch: 'topic' });
    repos.commit(three.root, 'w');
    expect(await left(three)).toEqual([]);
    await removeFiles(repos.going(three));
    expect(repos.git(up, 'for-each-ref', '--format=%(refname)')).toBe('refs/heads/main\nrefs/heads/topic');
  });

  test('[W5] commits of a detached head count, and so does a merge under way', async () => {
    const up = repos.repository();
    const one = await worktree(up);
    repos.git(one.root, 'checkout', '-q', '--detach');
    repos.commit(one.root, 'loose');
    expect(await left(one)).toEqual(['1 commit that has not landed']);
    const two = await worktree(up);
    repos.commit(two.root, 'a.txt', 'two\n');
    repos.commit(up, 'a.txt', 'base\n');
    expect(() => repos.git(two.root, 'merge', '-q', 'main')).toThrow();
    expect((await left(two)).join()).toMatch(/1 change that is not committed \(a.txt\).*1 commit/);
  });
});

describe('a directory', () => {
  test('[W5] of the user is never touched, and never one of Skein itself', async () => {
    const up = repos.repository();
    repos.write(up, 'x', 'x');
    const one = await made(repos.wanted({ kind: 'local', dir: up }));
    expect(await left(one)).toEqual([]);
    await removeFiles(repos.going(one));
    expect(fs.readdirSync(up).sort()).toEqual(['.git', 'a.txt', 'x']);
    for (const dir of ['/', repos.home, repos.dir, repos.path('nowhere')])
      await expect(made(repos.wanted({ kind: 'local', dir }))).rejects.toMatchObject({ code: 'bad_cwd' });
  });

  test('[W5] one from scratch says what it holds, and goes, even where it cannot be written in', async () => {
    const one = await made(repos.wanted({ kind: 'scratch' }));
    await makeFiles(one);
    expect(fs.statSync(one.root).mode & 0o777).toBe(0o700);
    expect(await lookAt(one)).toEqual({
      git: null,
      folds: { case: false, unicode: process.platform === 'darwin' },
    });
    repos.write(one.root, 'deep/er/x', 'x');
    fs.chmodSync(path.join(one.root, 'deep'), 0o500);
    expect(await left(one)).toEqual(['1 file (deep)']);
    expect(await left(one, true)).toEqual([]);
    await removeFiles(repos.going(one));
    expect(repos.beside()).toEqual([]);
  });

  test('[W5] one from scratch that has become a repository is looked at as one', async () => {
    const one = await made(repos.wanted({ kind: 'scratch' }));
    repos.git(one.root, 'init', '-q');
    repos.commit(one.root, 'x');
    expect(await left(one, true)).toEqual(['1 commit that no remote has']);
  });
});

describe('a hook', () => {
  const hook = (command: string, timeout = 5_000) =>
    runHook(
      { command, timeout },
      { root: repos.dir, env: { SKEIN_WORKSPACE: 'w', SKEIN_TEST: path.basename(repos.dir) } },
    );

  test('[W5] runs in the workspace with a small environment, and tells the end of what it prints', async () => {
    process.env.SECRET_OF_THE_NODE = 'x';
    const end = await hook('pwd; echo $SKEIN_WORKSPACE $SECRET_OF_THE_NODE >&2; exit 3');
    delete process.env.SECRET_OF_THE_NODE;
    expect(end).toMatchObject({ ok: false, code: 3, output: `${repos.dir}\nw\n` });
    expect((await hook('seq 1 100000')).output).toHaveLength(64 * 1024 - 200);
  });

  test('[W5] has a limited time, and all that it began ends with it', async () => {
    const end = await hook("trap '' TERM; echo begun; sleep 60 & sleep 60", 300);
    expect(end).toMatchObject({ ok: false, output: 'begun\nIt took longer than 0.3 s, and was ended.' });
    expect(findByEnvironment('SKEIN_TEST', path.basename(repos.dir))).toEqual([]);
  });
});
