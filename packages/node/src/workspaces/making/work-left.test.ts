/** Work that would go with a workspace is found wherever it is, and where git cannot tell there is always some. */
import fs from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { patchesIn } from './likeness.ts';
import { makeFiles, type Wanted } from './make.ts';
import { Repos } from './repos.fixture.ts';
import { removeFiles, workLeft } from './unmake.ts';

const PATH = process.env.PATH;
const CONFIG = process.env.GIT_CONFIG_GLOBAL;

let repos: Repos;
let up: string;
beforeEach(() => {
  repos = new Repos();
  up = repos.repository();
});
afterEach(() => {
  process.env.PATH = PATH;
  if (CONFIG === undefined) delete process.env.GIT_CONFIG_GLOBAL;
  else process.env.GIT_CONFIG_GLOBAL = CONFIG;
  repos.destroy();
});

const made = async (wanted: Wanted) => {
  await makeFiles(wanted);
  return wanted;
};
const clone = () => made(repos.wanted({ kind: 'git', url: up }));
const worktree = (base = up, more: object = {}) =>
  made(repos.wanted({ kind: 'worktree', of: 'aaaaaaaaaaaa', ...more }, { name: 'base', root: base }));
const scratch = () => made(repos.wanted({ kind: 'scratch' }));
/** Of one that goes with its last run. */
const left = async (wanted: Wanted) => (await workLeft(repos.going(wanted), true)).join('; ');

/** Ways in which git comes to answer nothing of a tree; each is put right again. */
const broken: Record<string, (one: Wanted) => () => void> = {
  'settings of the user that it cannot read': () => {
    repos.write(repos.dir, 'bad', '<<<<<<< HEAD\n');
    process.env.GIT_CONFIG_GLOBAL = repos.path('bad');
    return () => delete process.env.GIT_CONFIG_GLOBAL;
  },
  'no git': () => {
    process.env.PATH = repos.dir;
    return () => {
      process.env.PATH = PATH;
    };
  },
  'its repository away': ({ root, base }) => {
    const at = base?.root ?? path.join(root, '.git');
    fs.renameSync(at, `${at}.away`);
    if (base === undefined) fs.mkdirSync(at);
    return () => {
      if (base === undefined) fs.rmdirSync(at);
      fs.renameSync(`${at}.away`, at);
    };
  },
  'a HEAD that was cut off': ({ root, base }) => {
    const file = base === undefined ? '.git/HEAD' : repos.git(root, 'rev-parse', '--git-path', 'HEAD');
    const before = fs.readFileSync(path.resolve(root, file));
    fs.writeFileSync(path.resolve(root, file), '');
    return () => fs.writeFileSync(path.resolve(root, file), before);
  },
};

describe.each(Object.entries(broken))('with %s', (_, spoil) => {
  test('[W5] a workspace is never taken for one without work', async () => {
    const mine = await scratch();
    repos.git(mine.root, 'init', '-q');
    repos.commit(mine.root, 'x');
    for (const one of [await clone(), await worktree(), mine]) {
      const mend = spoil(one);
      await expect(left(one)).rejects.toThrow();
      mend();
      if (one !== mine) expect(await left(one)).toBe('');
    }
    expect(await left(mine)).toContain('1 commit');
  });
});

test('[W5] what is plainly no repository needs no git to be taken away', async () => {
  const one = await scratch();
  repos.write(one.root, 'x', 'x');
  process.env.PATH = repos.dir;
  expect(await left(one)).toBe('');
  expect((await workLeft(repos.going(one), false)).join()).toBe('1 file (x)');
  await removeFiles(repos.going(one));
  expect(repos.beside()).toEqual([]);
});

test('[W5] the files of a repository that is none any more are work, but for those of a scratch directory', async () => {
  for (const one of [await clone(), await worktree()]) {
    fs.rmSync(path.join(one.root, '.git'), { recursive: true });
    expect(await left(one)).toBe('1 file (a.txt)');
    repos.git(one.root, 'init', '-q', '-b', 'main');
    repos.commit(one.root, 'x');
    expect(await left(one)).toBe('1 commit that no remote has');
  }
});

test('[W5] a worktree is found out of a home that has moved', async () => {
  const one = await worktree();
  fs.renameSync(repos.home, repos.path('moved'));
  fs.symlinkSync('moved', repos.home);
  repos.write(one.root, 'x', 'x');
  expect(await left(one)).toBe('1 file that git does not know (x)');
});

test('[W5] what is committed to a tree whose base has gone counts, wherever its repository is', async () => {
  repos.git(up, 'worktree', 'add', '-q', '-b', 'side', repos.path('side'));
  const one = await worktree(repos.path('side'));
  repos.commit(one.root, 'x');
  repos.git(up, 'worktree', 'remove', repos.path('side'));
  repos.git(one.root, 'checkout', '-q', '--detach');
  repos.commit(one.root, 'y');
  expect(await left(one)).toContain('that have not landed');
});

test('[W5] forced, one goes also where its base cannot be asked, and its branch stays', async () => {
  const one = await worktree();
  repos.commit(one.root, 'x');
  const mend = broken['settings of the user that it cannot read']?.(one);
  await expect(removeFiles(repos.going(one))).rejects.toThrow();
  expect(fs.existsSync(one.root)).toBe(true);
  expect(await removeFiles(repos.going(one), true)).toMatch(/branch of it in base stays.*bad config/s);
  mend?.();
  expect(repos.beside()).toEqual([]);
  expect(repos.git(up, 'log', '--format=%s', 'skein/ws')).toContain('Add x');
});

describe('a clone', () => {
  test('[W5] holds what any ref leads to, such as what was taken out of a branch again', async () => {
    const one = await clone();
    const first = repos.git(one.root, 'rev-parse', 'HEAD');
    repos.git(one.root, 'update-ref', 'refs/skein/undone/aaa', repos.commit(one.root, 'x'));
    repos.git(one.root, 'update-ref', 'refs/saved/mine', repos.commit(one.root, 'y'));
    repos.git(one.root, 'reset', '-q', '--hard', first);
    expect(await left(one)).toMatch(/^2 commits that no remote has \(refs\/(saved|skein).*\)$/);
    repos.git(one.root, 'update-ref', '-d', 'refs/saved/mine');
    expect(await left(one)).toBe('1 commit that no remote has (refs/skein/undone/aaa)');
    repos.git(one.root, 'update-ref', '-d', 'refs/skein/undone/aaa');
    repos.git(one.root, 'notes', 'add', '-m', 'a note');
    expect(await left(one)).toBe('1 commit that no remote has (refs/notes/commits)');
    repos.git(one.root, 'update-ref', '-d', 'refs/notes/commits');
    // What Skein notes for itself is nobody's work.
    for (const ref of ['refs/skein/far/aaa/tip', 'refs/skein/tip', 'refs/skein/landing/aaa/to'])
      repos.git(one.root, 'update-ref', ref, repos.commit(one.root, ref));
    repos.git(one.root, 'reset', '-q', '--hard', first);
    expect(await left(one)).toBe('');
  });
});

describe('a worktree', () => {
  const four = (last: string) => `def f():\n    if x:\n        y()\n${last}z()\n`;

  test('[W5] has not landed where its base differs from it in white space alone', async () => {
    const one = await worktree();
    repos.commit(one.root, 'p.py', four('    '));
    repos.commit(up, 'p.py', four('        '));
    expect(await left(one)).toBe('1 commit that has not landed');
    await removeFiles(repos.going(one));
    expect(repos.git(up, 'show', 'skein/ws:p.py')).toContain('\n    z()');
  });

  test('[W5] has landed where its base has just the same, further down too; of other bytes it has not', async () => {
    const lines = Array.from({ length: 30 }, (_, n) => `${n}\n`).join('');
    repos.commit(up, 'l.txt', lines);
    const one = await worktree();
    repos.commit(one.root, 'l.txt', `${lines}end\n`);
    repos.commit(one.root, 'b.bin', 'a\0b');
    repos.commit(one.root, 'empty', '');
    repos.git(one.root, 'update-index', '--chmod=+x', 'a.txt');
    repos.git(one.root, 'commit', '-q', '-m', 'mode');
    repos.git(one.root, 'checkout', '-q', 'a.txt');
    repos.commit(up, 'l.txt', `first\n${lines}`);
    for (const commit of ['~3', '~2', '~1', '']) repos.git(up, 'cherry-pick', `skein/ws${commit}`);
    expect(await left(one)).toBe('');
    repos.commit(one.root, 'c.bin', 'a\0b');
    repos.commit(up, 'c.bin', 'a\0c');
    expect(await left(one)).toBe('1 commit that has not landed');
  });

  test('[W5] counts what git was told to take no notice of', async () => {
    repos.commit(up, 'dir/b.txt');
    repos.commit(up, 'c.txt');
    const one = await worktree();
    const index = () =>
      fs.readFileSync(path.resolve(one.root, repos.git(one.root, 'rev-parse', '--git-path', 'index')));
    repos.git(one.root, 'update-index', '--skip-worktree', 'a.txt', 'dir/b.txt');
    repos.git(one.root, 'update-index', '--assume-unchanged', 'c.txt', 'dir/b.txt');
    expect(await left(one)).toBe('');
    const before = index();
    repos.write(one.root, 'a.txt', 'mine\n');
    expect(await left(one)).toBe('1 change that is not committed (a.txt)');
    repos.write(one.root, 'c.txt', 'mine\n');
    repos.write(one.root, 'dir/b.txt', 'mine\n');
    expect(await left(one)).toBe('3 changes that are not committed (a.txt, c.txt, dir/b.txt)');
    expect(index()).toEqual(before);
    fs.rmSync(path.join(one.root, 'dir'), { recursive: true });
    fs.writeFileSync(path.join(one.root, 'dir'), '');
    expect(await left(one)).toContain('2 changes');
    const sparse = await worktree();
    repos.git(sparse.root, 'sparse-checkout', 'set', 'nothing');
    expect(fs.existsSync(path.join(sparse.root, 'dir'))).toBe(false);
    expect(await left(sparse)).toBe('');
  });

  test('[W5] counts what a rebase or a merge under way has put aside, which is on no list of stashes', async () => {
    const one = await worktree();
    const first = repos.git(one.root, 'rev-parse', 'HEAD');
    repos.commit(one.root, 'x');
    repos.git(up, 'branch', 'kept', 'skein/ws');
    repos.write(one.root, 'a.txt', 'mine\n');
    repos.git(one.root, '-c', 'sequence.editor=echo break >', 'rebase', '-q', '-i', '--autostash', first);
    expect(repos.git(one.root, 'status', '--porcelain')).toBe('');
    expect(await left(one)).toBe('changes that a rebase under way has put aside');
    repos.git(one.root, 'rebase', '--abort');
    expect(await left(one)).toBe('1 change that is not committed (a.txt)');
    const other = repos.commit(up, 'y');
    repos.git(one.root, 'merge', '-q', '--no-commit', '--autostash', '--strategy=ours', other);
    expect(await left(one)).toBe('changes that a merge under way has put aside');
  });

  test('[W5] counts what other worktrees hold that lie in it, where git looks at nothing', async () => {
    fs.appendFileSync(path.join(up, '.git/info/exclude'), '.trees/\n');
    const one = await worktree();
    repos.git(one.root, 'worktree', 'add', '-q', '.trees/sub', '-b', 'sub');
    expect(await left(one)).toBe('');
    repos.commit(path.join(one.root, '.trees/sub'), 'kept');
    expect(await left(one)).toBe('');
    repos.write(one.root, '.trees/sub/work', 'x');
    expect(await left(one)).toBe('in .trees/sub: 1 file that git does not know (work)');
    fs.rmSync(path.join(one.root, '.trees/sub/work'));
    repos.git(path.join(one.root, '.trees/sub'), 'checkout', '-q', '--detach');
    repos.commit(path.join(one.root, '.trees/sub'), 'loose');
    expect(await left(one)).toBe('in .trees/sub: 1 commit that has not landed');
  });
});

test('[W5] patches are the same only if each byte of what they change is', () => {
  const line = fc.stringMatching(/^[ \t\r\x0b\u2028a@]{0,6}$/);
  const [one, other] = ['a'.repeat(40), 'b'.repeat(40)];
  const patch = (lines: string[], at: number) =>
    [
      `diff --git a/x b/x`,
      `index ${at}..${at}`,
      '--- a/x',
      '+++ b/x',
      `@@ -${at},0 +${at},${lines.length} @@ f${at}`,
    ]
      .concat(lines.map((text) => `+${text}`))
      .join('\n');
  fc.assert(
    fc.property(fc.array(line, { maxLength: 4 }), fc.array(line, { maxLength: 4 }), (first, second) => {
      const printed = `${one}\n${patch(first, 3)}\n${other}\n${patch(second, 7)}\n`;
      const found = patchesIn(printed, new Set([one, other]));
      const same = first.length === second.length && first.every((text, n) => text === second[n]);
      expect(found.get(one) === found.get(other)).toBe(same);
    }),
  );
});

test('[W5] a branch that is checked out elsewhere stays there, and is told', async () => {
  const one = await worktree();
  const other = path.join(repos.dir, 'moved');
  repos.git(up, 'worktree', 'move', one.root, other);
  expect(await removeFiles(repos.going(one))).toBe(
    `Branch skein/ws stays in base: it is checked out in ${other}.`,
  );
  expect(repos.git(other, 'status', '--branch', '--porcelain')).toBe('## skein/ws');
});

test('[K4][W5] it is not gone while the repository keeps what was noted for it, as behind a lock', async () => {
  const one = await worktree();
  const lock = path.join(up, `.git/refs/skein/worktree/${one.id}.lock`);
  fs.writeFileSync(lock, '');
  await expect(removeFiles(repos.going(one))).rejects.toThrow(lock);
  fs.rmSync(lock);
  expect(await removeFiles(repos.going(one))).toBe('');
  expect(repos.git(up, 'for-each-ref', 'refs/skein')).toBe('');
});
