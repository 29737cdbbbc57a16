/** Odd repositories: making a worktree, telling what it has, landing and undoing each works or is refused with words, and loses nothing. */
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { newId } from '@skein/protocol/ids';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { makeFiles } from '../making/make.ts';
import { withoutLfs } from '../without-lfs.fixture.ts';
import { changesIn } from './changes.ts';
import { Landings } from './landing.fixture.ts';

withoutLfs();

let repos: Landings;
beforeEach(() => {
  repos = new Landings();
});
afterEach(() => repos.destroy());

interface Odd {
  what: string;
  /** Makes it; returns its directory. */
  base(): string;
  /** What is odd comes only when there is a worktree. */
  later?(base: string, work: string): void;
  onto?: string;
  /** In what words each is refused; what is not named works. */
  refused?: { create?: RegExp; land?: RegExp; undo?: RegExp };
  /** Looked at when it has landed. */
  landed?(base: string): void;
}

const has = (dir: string, file: string) => fs.existsSync(path.join(dir, file));
const up = () => repos.repository();

/** A conflict in the middle of something, in a tree. */
function inTheMiddle(dir: string, what: 'merge' | 'rebase' | 'cherry-pick'): void {
  repos.git(dir, 'branch', 'other');
  repos.commit(dir, 'a.txt', 'one\n');
  const from = repos.git(dir, 'symbolic-ref', '--short', 'HEAD');
  repos.git(dir, 'checkout', '-q', 'other');
  repos.commit(dir, 'a.txt', 'two\n');
  repos.git(dir, 'checkout', '-q', from);
  expect(() => repos.git(dir, what, 'other')).toThrow();
}

const ODD: Odd[] = [
  {
    what: 'hooks that refuse everything',
    base: () => {
      const dir = up();
      for (const name of ['post-checkout', 'pre-rebase', 'post-rewrite', 'post-merge']) {
        repos.write(dir, `.git/hooks/${name}`, `#!/bin/sh\ntouch ${dir}/ran-${name}\nexit 1\n`);
        fs.chmodSync(path.join(dir, `.git/hooks/${name}`), 0o755);
      }
      return dir;
    },
    landed: (base) => expect(fs.readdirSync(base).filter((name) => name.startsWith('ran'))).toEqual([]),
  },
  {
    what: 'a hook that refuses what is committed',
    base: () => {
      const dir = up();
      repos.write(dir, '.git/hooks/pre-commit', '#!/bin/sh\necho no secrets here >&2\nexit 1\n');
      fs.chmodSync(path.join(dir, '.git/hooks/pre-commit'), 0o755);
      return dir;
    },
    refused: { land: /could not be committed: no secrets here/ },
  },
  {
    what: 'a hook that refuses without a word',
    base: () => {
      const dir = up();
      repos.write(dir, '.git/hooks/commit-msg', '#!/bin/sh\nexit 3\n');
      fs.chmodSync(path.join(dir, '.git/hooks/commit-msg'), 0o755);
      return dir;
    },
    refused: { land: /could not be committed: git commit ended with 1 .*a hook of the repository/ },
  },
  {
    what: 'files that git-lfs keeps, which is not there',
    base: () => {
      const dir = up();
      repos.write(dir, '.gitattributes', '*.bin filter=lfs diff=lfs merge=lfs -text\n');
      repos.commit(dir, 'big.bin', 'version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n');
      return dir;
    },
    landed: (base) => expect(repos.read(base, 'big.bin')).toContain('git-lfs'),
  },
  {
    what: 'a change to a file that git-lfs keeps, which is not there',
    base: () => {
      const dir = up();
      repos.write(dir, '.gitattributes', '*.bin filter=lfs diff=lfs merge=lfs -text\n');
      repos.commit(dir, 'big.bin', 'version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n');
      return dir;
    },
    later: (_, work) => repos.write(work, 'big.bin', 'large'),
    refused: { land: /big\.bin.*git-lfs, which is not installed/ },
  },
  {
    what: 'a submodule, with changes of the user in it',
    base: () => {
      const dir = up();
      repos.git(dir, 'submodule', '--quiet', 'add', repos.repository('sub'), 'sub');
      repos.git(dir, 'commit', '-q', '-m', 'sub');
      repos.write(dir, 'sub/a.txt', 'mine\n');
      return dir;
    },
    landed: (base) => expect(repos.read(base, 'sub/a.txt')).toBe('mine\n'),
  },
  {
    what: 'a submodule at another commit',
    base: () => {
      const dir = up();
      repos.git(dir, 'submodule', '--quiet', 'add', repos.repository('sub'), 'sub');
      repos.git(dir, 'commit', '-q', '-m', 'sub');
      return dir;
    },
    later: (_, work) => {
      repos.git(work, 'submodule', '--quiet', 'update', '--init');
      repos.commit(path.join(work, 'sub'), 'more.txt');
    },
    landed: (base) => expect(repos.git(base, 'ls-tree', 'HEAD', 'sub')).toContain('160000'),
  },
  {
    what: 'a repository within the work that is no submodule',
    base: up,
    later: (_, work) => {
      fs.mkdirSync(path.join(work, 'nested'));
      repos.git(path.join(work, 'nested'), 'init', '-q');
      repos.commit(path.join(work, 'nested'), 'x');
    },
    refused: { land: /nested.*a repository of its own/ },
  },
  {
    what: 'a base that is on no branch',
    base: () => {
      const dir = up();
      repos.git(dir, 'checkout', '-q', '--detach');
      return dir;
    },
    refused: { land: /on no branch.*--onto/ },
  },
  {
    what: 'a base that is on no branch, with one named',
    base: () => {
      const dir = up();
      repos.git(dir, 'checkout', '-q', '--detach');
      return dir;
    },
    onto: 'main',
    landed: (base) => expect(repos.git(base, 'show', 'main:new.txt')).toBe('new'),
  },
  {
    what: 'work that is on no branch',
    base: up,
    later: (_, work) => void repos.git(work, 'checkout', '-q', '--detach'),
    refused: { land: /on no branch.*git switch -c/ },
  },
  { what: 'no commit yet', base: () => repos.empty('unborn'), refused: { create: /has no commit yet/ } },
  {
    what: 'a branch without a commit in the work',
    base: up,
    later: (_, work) => void repos.git(work, 'checkout', '-q', '--orphan', 'nothing'),
    refused: { land: /no commit in .* yet/ },
  },
  {
    what: 'histories that have nothing in common',
    base: up,
    later: (_, work) => {
      repos.git(work, 'checkout', '-q', '--orphan', 'other');
      repos.commit(work, 'alone.txt');
    },
    refused: { land: /no commit in common/ },
  },
  {
    what: 'changes in the base that are not committed',
    base: () => {
      const dir = up();
      repos.write(dir, 'a.txt', 'mine\n');
      repos.write(dir, 'unknown.txt', 'mine\n');
      return dir;
    },
    landed: (base) => expect(repos.status(base)).toBe('M a.txt\n?? unknown.txt'),
  },
  ...(['merge', 'rebase', 'cherry-pick'] as const).flatMap((what): Odd[] => [
    {
      what: `a ${what} in the base that is not finished`,
      base: up,
      later: (base) => inTheMiddle(base, what),
      onto: 'main',
      refused: { land: new RegExp(`a ${what} of main is under way`) },
    },
    {
      what: `a ${what} in the work that is not finished`,
      base: up,
      later: (_, work) => inTheMiddle(work, what),
      refused: {
        land: what === 'rebase' ? /on no branch|a rebase is under way/ : new RegExp(`a ${what} is under way`),
      },
    },
  ]),
  {
    what: 'a bare repository',
    base: () => {
      repos.git(repos.dir, 'clone', '-q', '--bare', up(), 'bare');
      return repos.path('bare');
    },
    landed: (base) => expect(repos.git(base, 'show', 'main:new.txt')).toBe('new'),
  },
  {
    what: 'a shallow clone',
    base: () => {
      const from = up();
      repos.commit(from, 'b.txt');
      repos.git(repos.dir, 'clone', '-q', '--depth=1', `file://${from}`, 'shallow');
      return repos.path('shallow');
    },
  },
  {
    what: 'a sparse tree',
    base: () => {
      const dir = up();
      repos.commit(dir, 'in/x');
      repos.commit(dir, 'out/y');
      repos.git(dir, 'sparse-checkout', 'set', 'in');
      return dir;
    },
    later: (_, work) => {
      repos.git(work, 'sparse-checkout', 'disable');
      repos.write(work, 'out/y', 'changed\n');
    },
    landed: (base) => {
      expect(has(base, 'out')).toBe(false);
      expect(repos.git(base, 'show', 'HEAD:out/y')).toBe('changed');
    },
  },
  {
    what: 'a worktree as the base',
    base: () => repos.worktree(up(), 'inner'),
    landed: (base) => expect(repos.git(base, 'symbolic-ref', '--short', 'HEAD')).toBe('skein/inner'),
  },
  {
    what: 'names that change in case alone',
    base: up,
    later: (_, work) => void repos.git(work, 'mv', 'a.txt', 'A.txt'),
    landed: (base) => expect(fs.readdirSync(base).filter((name) => /^a/i.test(name))).toEqual(['A.txt']),
  },
  {
    what: 'a file that becomes a directory, a link that becomes a file, and one that can be run',
    base: () => {
      const dir = up();
      fs.symlinkSync('a.txt', path.join(dir, 'link'));
      repos.commit(dir, 'thing', 'file\n');
      return dir;
    },
    later: (_, work) => {
      fs.rmSync(path.join(work, 'thing'));
      repos.write(work, 'thing/inside', 'x\n');
      fs.rmSync(path.join(work, 'link'));
      repos.write(work, 'link', 'no link\n');
      fs.chmodSync(path.join(work, 'a.txt'), 0o755);
    },
    landed: (base) => {
      expect([repos.read(base, 'thing/inside'), repos.read(base, 'link')]).toEqual(['x\n', 'no link\n']);
      expect(fs.statSync(path.join(base, 'a.txt')).mode & 0o100).toBe(0o100);
    },
  },
  {
    what: 'names with a new line, a star, a quote and another alphabet',
    base: up,
    later: (_, work) => {
      for (const name of ['new\nline', 'st*r', 'q"u', 'привет', '-f', ':top']) repos.write(work, name, name);
    },
    landed: (base) => {
      for (const name of ['new\nline', 'st*r', 'q"u', 'привет', '-f', ':top'])
        expect(repos.read(base, name)).toBe(name);
    },
  },
  {
    what: 'a name that is no UTF-8',
    base: up,
    later: (_, work) => fs.writeFileSync(Buffer.concat([Buffer.from(`${work}/x`), Buffer.from([0xff])]), 'x'),
    refused: { land: /no UTF-8/ },
  },
  {
    what: 'settings of the user that change what git does',
    base: () => {
      const dir = up();
      const set = {
        'rebase.autoStash': 'true',
        'merge.ff': 'only',
        'pull.rebase': 'true',
        'status.showUntrackedFiles': 'no',
        'diff.noprefix': 'true',
        'diff.external': 'false',
        'core.quotePath': 'true',
        'color.ui': 'always',
        'commit.verbose': 'true',
        'index.threads': '1',
        'core.splitIndex': 'true',
        'core.untrackedCache': 'true',
        'commit.status': 'false',
        'rebase.rebaseMerges': 'true',
        'rebase.updateRefs': 'true',
      };
      for (const [key, value] of Object.entries(set)) repos.git(dir, 'config', key, value);
      repos.git(dir, 'update-index', '--split-index');
      return dir;
    },
  },
  {
    what: 'a lock that somebody has left',
    base: up,
    later: (base) => repos.write(base, '.git/refs/heads/main.lock', ''),
    refused: { land: /main/ },
  },
];

/** Everything of a tree that is the user's, but git's own. */
function snapshot(dir: string): string {
  const index = repos.path(`snapshot-${newId()}`);
  if (dir.endsWith('bare')) return '';
  const files = execFileSync(
    'find',
    ['.', '-path', './.git', '-prune', '-o', '-type', 'f', '-exec', 'sha256sum', '{}', '+'],
    { cwd: dir, encoding: 'buffer' },
  );
  fs.rmSync(index, { force: true });
  return [...files.toString('latin1').split('\n')].sort().join('\n');
}

const said = (error: unknown) => (error instanceof Error ? error.message : String(error));

describe('odd repositories', () => {
  test.each(ODD)('[W5] $what', async ({ base: make, later, onto, refused = {}, landed: look }) => {
    const base = make();
    const wanted = repos.wanted({ kind: 'worktree', of: 'aaaaaaaaaaaa' }, { name: 'base', root: base });
    const options = { ...wanted.options, ...repos.options };
    const made = await makeFiles({ ...wanted, options }).then(() => undefined, said);
    if (refused.create !== undefined) return expect(made).toMatch(refused.create);
    expect(made).toBeUndefined();
    const work = wanted.root;
    repos.write(work, 'new.txt', 'new\n');
    later?.(base, work);
    const [before, mine, theirs] = [repos.tip(base, onto ?? 'HEAD'), snapshot(base), snapshot(work)];
    const told = await changesIn(work, { onto: 'main', upstream: null, stat: false }, repos.options).catch(
      said,
    );
    expect(told).toMatchObject({ diff: expect.any(String) });
    expect([snapshot(base), snapshot(work)]).toEqual([mine, theirs]);
    const landed = await repos.land(base, work, { onto: onto ?? null }).catch(said);
    if (refused.land !== undefined) {
      expect(landed).toMatch(refused.land);
      expect([repos.tip(base, onto ?? 'HEAD'), snapshot(base), snapshot(work)]).toEqual([
        before,
        mine,
        theirs,
      ]);
      const left = repos.leftovers(base).filter((one) => !one.endsWith('main.lock'));
      expect(left).toEqual([]);
      return;
    }
    if (typeof landed === 'string') throw new Error(landed);
    expect(repos.git(base, 'show', `${landed.after}:new.txt`)).toBe('new');
    look?.(base);
    const back = await repos.undo(base, landed).catch(said);
    expect(back).toMatchObject({ reverted: false });
    expect(repos.tip(base, landed.onto)).toBe(before);
    if (!base.endsWith('bare')) expect(snapshot(base)).toBe(mine);
    // What was undone is not lost.
    expect(repos.git(work, 'show', `HEAD:new.txt`)).toBe('new');
  });
});
