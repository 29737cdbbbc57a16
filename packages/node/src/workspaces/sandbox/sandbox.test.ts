/** A program in a sandbox writes what its run has claimed, and nothing else of its workspace, whatever it tries (rules W2, W4). */
import { execFileSync, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { needs } from '../../../../../test/support/needs.ts';
import { sandboxed } from './bubblewrap.ts';
import { keptOf, ownPlaces } from './places.ts';
import { writableOf } from './writable.ts';

const FOLDS = { case: false, unicode: false };
let dir: string;
let root: string;

beforeEach(() => {
  dir = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'skein-box-')));
  root = path.join(dir, 'home', 'workspaces', 'w');
  for (const file of ['src/a.ts', 'src/sub/b.ts', 'docs/c.md', 'own.txt', 'other.txt']) write(file, 'before');
  write('.git/config', '[core]');
});
afterEach(() => fs.rmSync(dir, { recursive: true, force: true }));

function write(file: string, text: string): void {
  const whole = path.join(root, file);
  fs.mkdirSync(path.dirname(whole), { recursive: true });
  fs.writeFileSync(whole, text);
}

const text = (file: string) => fs.readFileSync(path.join(root, file), 'utf8');

const user = () => path.join(dir, 'user');

function words(globs: string[], argv: string[], home: string | undefined, base?: string): string[] {
  return sandboxed(argv, {
    ...{ root, cwd: root, skein: path.join(dir, 'home') },
    writable: writableOf(root, globs, FOLDS),
    own: ownPlaces(home),
    kept: keptOf(root, base),
  });
}

function box(globs: string[], argv: string[], base?: string) {
  const [program = '', ...rest] = words(globs, argv, user(), base);
  return spawnSync(program, rest, { encoding: 'utf8', timeout: 20_000 });
}

const sh = (globs: string[], script: string, base?: string) => box(globs, ['sh', '-c', script], base);

describe('what a sandbox lets be written', () => {
  test('[W4] files and directories of its claims, as they are when it starts', () => {
    const of = (...globs: string[]) => writableOf(root, globs, FOLDS).map((one) => path.relative(root, one));
    expect(of('src/a.ts', 'docs/**')).toEqual(['docs', 'src/a.ts']);
    expect(of('src/*', '*/c.md')).toEqual(['docs/c.md', 'src/a.ts']);
    expect(of('src/*/**')).toEqual(['src/a.ts', 'src/sub']);
    expect(of('**')).toEqual(['']);
    expect(of('nothing/*')).toEqual([]);
    expect(() => of('new.txt')).toThrow(/is not there/);
    fs.linkSync(path.join(root, 'own.txt'), path.join(root, 'same.txt'));
    expect(() => of('own.txt')).toThrow(/hard links/);
    fs.symlinkSync('other.txt', path.join(root, 'link'));
    expect(() => of('link')).toThrow(/no plain file/);
    expect(of('*')).toEqual(['other.txt']);
  });
});

needs('bwrap')('a program in a sandbox', () => {
  test('[W4] writes what is claimed; anything else is refused by the system', () => {
    const done = sh(
      ['src/**', 'own.txt'],
      'echo x > src/a.ts; echo x > src/new; mkdir src/d; echo x > own.txt; cat other.txt; echo x > other.txt; echo x > docs/new; rm docs/c.md; echo x > .git/config',
    );
    expect([text('src/a.ts'), text('src/new'), text('own.txt')]).toEqual(['x\n', 'x\n', 'x\n']);
    expect([text('other.txt'), text('docs/c.md'), text('.git/config')]).toEqual([
      'before',
      'before',
      '[core]',
    ]);
    expect(done.stdout).toBe('before');
    expect(done.stderr.match(/Read-only file system/g)).toHaveLength(4);
  });

  const tricks: [string, string][] = [
    ['a link in what is claimed', 'ln -s ../other.txt src/l; echo x > src/l'],
    ['a hard link', 'ln other.txt src/l && echo x > src/l'],
    ['/proc/self/root', `echo x > /proc/self/root$PWD/other.txt`],
    ['the root of every process', 'for p in /proc/[0-9]*/root; do echo x > $p$PWD/other.txt; done'],
    ['the directory of every process', 'for p in /proc/[0-9]*/cwd; do echo x > $p/other.txt; done'],
    ['mounting it again', 'mount -o remount,rw,bind . ; echo x > other.txt'],
    ['taking the mount away', 'umount -l . ; umount -l $PWD; cd /; echo x > $OLDPWD/other.txt'],
    [
      'namespaces of its own',
      'unshare -Urm sh -c "mount -o remount,rw,bind $PWD; umount -l $PWD; mount --bind $PWD /mnt; mount -o remount,rw,bind /mnt; echo x > /mnt/other.txt; echo x > other.txt"',
    ],
    ['moving what is claimed', 'mv own.txt moved; mv src moved; mv src/a.ts other.txt'],
    ['moving what it lies in', 'cd ..; mv w v; mkdir w; echo x > w/other.txt'],
  ];
  test.each(tricks)('[W2] is not let out by %s', (_, script) => {
    const before = fs.readdirSync(root).sort();
    sh(['src/**', 'own.txt'], script);
    expect([text('other.txt'), text('own.txt'), text('docs/c.md')]).toEqual(['before', 'before', 'before']);
    expect(fs.readdirSync(root).sort()).toEqual(before);
  });

  describe('in a directory of the user’s below HOME', () => {
    beforeEach(() => {
      root = path.join(user(), 'p/ws');
      for (const file of ['src/a.ts', 'other.txt', '.git/config']) write(file, 'before');
    });

    test.each([
      ['what it lies in', 'mv $HERE/user/p $HERE/user/q'],
      ['what HOME lies in', 'mv $HERE $HERE-moved'],
      ['HOME', 'mv $HERE/user $HERE/gone'],
      ['what SKEIN_HOME lies in', 'mv $HERE/home $HERE/gone'],
    ])('[W4] it is not swapped by moving %s', (_, script) => {
      const put = 'mkdir -p $ROOT; echo x > $ROOT/other.txt; echo x > src/a.ts';
      sh(['src/**'], `HERE=${dir} ROOT=${root}; ${script}; ${put}`);
      expect([text('other.txt'), text('src/a.ts')]).toEqual(['before', 'x\n']);
      expect(fs.readdirSync(dir).sort()).toEqual(['home', 'user']);
    });

    test('[W4] HOME may be a link', () => {
      fs.symlinkSync(user(), path.join(dir, 'link'));
      const [program = '', ...rest] = words(['src/**'], ['touch', `${user()}/new`], path.join(dir, 'link'));
      expect(spawnSync(program, rest, { encoding: 'utf8', timeout: 20_000 })).toMatchObject({ status: 0 });
      expect(fs.existsSync(path.join(user(), 'new'))).toBe(true);
    });
  });

  describe('in a worktree', () => {
    let base: string;
    beforeEach(() => {
      base = path.join(user(), 'p/base');
      fs.rmSync(root, { recursive: true });
      const git = (cwd: string, ...args: string[]) =>
        execFileSync('git', ['-c', 'user.name=A', '-c', 'user.email=a@b', ...args], { cwd });
      fs.mkdirSync(base, { recursive: true });
      git(base, 'init', '-q', '-b', 'main', '.');
      fs.writeFileSync(path.join(base, 'b'), 'before');
      git(base, 'add', '.');
      git(base, 'commit', '-q', '-m', 'first');
      git(base, 'worktree', 'add', '-q', '-b', 'work', root);
      write('src/a.ts', 'before');
    });

    test.each([
      ['claimed whole', ['**']],
      ['in part', ['src/**']],
    ])('[W4] what git keeps of it in its base is not written: %s', (_, globs) => {
      const hook = path.join(base, '.git/hooks/post-checkout');
      const script = [
        'git rev-parse HEAD && git status --short',
        'git -c user.name=A -c user.email=a@b commit -q --allow-empty -m x',
        `mkdir -p ${path.dirname(hook)}; echo x > ${hook}`,
        `echo x > ${base}/.git/worktrees/w/HEAD; echo x > .git; rm .git`,
        `mv ${base}/.git ${base}/git; mv ${base} ${base}-moved; mkdir -p ${base}/.git/hooks; echo x > ${hook}`,
        'echo x > src/a.ts',
      ].join('\n');
      const tip = fs.readFileSync(path.join(base, '.git/refs/heads/work'), 'utf8');
      const { stdout } = sh(globs, script);
      // It can be read.
      expect(stdout).toContain(tip);
      expect(stdout).toContain('?? src/');
      expect(fs.readFileSync(path.join(base, '.git/refs/heads/work'), 'utf8')).toBe(tip);
      expect([fs.existsSync(hook), text('src/a.ts')]).toEqual([false, 'x\n']);
      expect(fs.readdirSync(path.dirname(base))).toEqual(['base']);
      expect(text('.git')).toContain('gitdir: ');
    });

    test('[W4] nor is the tree of its base, unless HOME is in that', () => {
      sh(['**'], `echo x > ${base}/b; echo x > ${base}/new`, base);
      expect(fs.readdirSync(base).sort()).toEqual(['.git', 'b']);
      expect(fs.readFileSync(path.join(base, 'b'), 'utf8')).toBe('before');
      sh(['**'], `echo x > ${user()}/new`, user());
      expect(fs.existsSync(path.join(user(), 'new'))).toBe(true);
    });
  });

  test('[W2] sees no process outside, so that none of them can be made to write for it', () => {
    const done = sh([], 'ls -d /proc/[0-9]* | wc -l; ls -A "$PWD/../.."');
    const [processes, ...rest] = done.stdout.trim().split('\n');
    expect(Number(processes)).toBeLessThan(8);
    // Of SKEIN_HOME it has the way to its workspace, and no socket.
    expect(rest).toEqual(['workspaces']);
    expect(sh([], `kill -0 ${process.pid}`).status).not.toBe(0);
  });

  test('[W4] sets nothing of the system, which would run programs outside for it', () => {
    const setting = '/proc/sys/kernel/core_pattern';
    const done = sh(['src/**'], `was=$(cat ${setting}); echo "$was" > ${setting}`);
    expect(done.stderr).toMatch(/Read-only file system/);
    expect(sh([], 'find /proc/sys -type f -writable | wc -l').stdout.trim()).toBe('0');
  });

  test('[W2] sees no disk, and makes none', () => {
    const done = sh(['src/**'], 'find /dev -type b | wc -l; mknod src/disk b 7 200; [ -e src/disk ]');
    expect([done.stdout.trim(), done.status]).toEqual(['0', 1]);
  });

  test('[W4] its status is the program’s, and it keeps its own things where it always did', () => {
    fs.mkdirSync(user());
    expect(sh([], `echo x > ${dir}/user/settings; exit 7`).status).toBe(7);
    expect(fs.readFileSync(path.join(dir, 'user/settings'), 'utf8')).toBe('x\n');
    expect(sh([], 'echo x > /etc/skein-test').status).not.toBe(0);
    expect(sh([], 'kill -TERM $$').status).toBe(128 + 15);
  });

  test('[W4] works for a user as it does for root', () => {
    if (process.getuid?.() !== 0) return;
    execFileSync('chown', ['-R', 'nobody', dir]);
    execFileSync('chmod', ['755', dir]);
    const uid = Number(execFileSync('id', ['-u', 'nobody'], { encoding: 'utf8' }));
    const script = 'echo x > own.txt; echo x > other.txt';
    const [program = '', ...rest] = words(['own.txt'], ['sh', '-c', script], undefined);
    const done = spawnSync(program, rest, { uid, encoding: 'utf8', timeout: 20_000 });
    expect(done.stderr).toMatch(/other\.txt: Read-only file system/);
    expect([text('own.txt'), text('other.txt')]).toEqual(['x\n', 'before']);
  });
});
