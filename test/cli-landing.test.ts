/** Differences and landings by the real `skein`, on real repositories (rules W5, K5). */
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Skein } from './support/cli.ts';
import { git, repository } from './support/git-repository.ts';
import { until } from './support/processes.ts';

let skein: Skein;
let base: string;

beforeAll(() => {
  skein = new Skein();
  base = join(skein.home, '..', 'app');
  repository(base);
  const config = join(skein.home, '..', 'gitconfig');
  fs.writeFileSync(config, '[user]\n\tname = Ada\n\temail = ada@example.org\n');
  Object.assign(skein.env, { GIT_CONFIG_GLOBAL: config, GIT_CONFIG_SYSTEM: '/dev/null' });
  skein.run('workspace', 'create', 'local', base, '--name', 'app');
});
afterAll(() => skein.destroy());

interface Landed {
  landing: string;
  state: string;
  commits: number;
  output: string;
}

/** A worktree with a change in it. */
function worktree(name: string, files: Record<string, string>): string {
  const { root } = skein.json<{ root: string }>('workspace', 'create', 'worktree', 'app', '--name', name);
  for (const [file, text] of Object.entries(files)) fs.writeFileSync(join(root, file), text);
  return root;
}

function failure(...args: string[]): { code: string; message: string; data?: Record<string, unknown> } {
  const { status, stderr, stdout } = skein.try([...args, '--json']);
  expect([status, stdout]).toEqual([1, '']);
  return JSON.parse(stderr.trim().split('\n').at(-1) as string).error;
}

const read = (file: string) => fs.readFileSync(join(base, file), 'utf8');

describe('landing from the command line', () => {
  test('[W5] what has changed is told, lands with a check, and is taken back', async () => {
    const root = worktree('fix', { 'a.txt': 'fixed\n', 'new.txt': 'new\n' });
    const shown = skein.run('diff', 'fix');
    expect(shown).toMatch(/^diff --git a\/a\.txt b\/a\.txt$/m);
    expect(shown).toMatch(/^\+fixed$/m);
    expect(shown).toMatch(/^new file mode 100644$/m);
    expect(skein.run('diff', root, '--stat')).toContain('2 files changed, 2 insertions(+), 1 deletion(-)');
    expect(skein.json('diff', 'fix')).toMatchObject({
      workspace: { name: 'fix' },
      ...{ branch: 'skein/fix', onto: 'main', commits: [], cut: false },
      files: [
        { path: 'a.txt', added: 1, removed: 1 },
        { path: 'new.txt', added: 1, removed: 0 },
      ],
    });
    expect(git(root, 'status', '--porcelain')).toBe('M a.txt\n?? new.txt');
    const landed = skein.run('land', 'fix', '--check', 'test -f new.txt', '-m', 'Mend it');
    expect(landed).toMatch(/^fix has landed on main: 1 commit, .*skein land --undo/);
    expect([read('a.txt'), read('new.txt')]).toEqual(['fixed\n', 'new\n']);
    expect(git(base, 'log', '-1', '--format=%an: %s')).toBe('Ada: Mend it');
    expect(skein.run('diff', 'fix')).toContain('has nothing that main has not');
    expect(failure('land', 'fix')).toMatchObject({ code: 'landing_stopped' });
    expect(skein.run('workspace', 'show', 'app')).toContain('skein/fix onto main: landed');
    expect(skein.json<Landed>('land', '--undo', 'fix')).toMatchObject({ state: 'undone' });
    expect(read('a.txt')).toBe('a\n');
    expect(fs.existsSync(join(base, 'new.txt'))).toBe(false);
    expect(git(base, 'status', '--porcelain')).toBe('');
    expect(skein.json<Landed>('land', 'fix')).toMatchObject({ state: 'landed', commits: 1 });
    // Forgotten when its end is recorded.
    await until('nothing is noted of it', () => git(base, 'for-each-ref', 'refs/skein/landing') === '');
  });

  test('[W5] it stops in words: a failing check, a conflict, what is not committed, a tree that is shared', () => {
    worktree('stop', { 'b.txt': 'theirs\n' });
    const failed = failure('land', 'stop', '--check', 'echo because; exit 1');
    expect(failed).toMatchObject({ code: 'landing_stopped', data: { output: 'because\n' } });
    fs.writeFileSync(join(base, 'b.txt'), 'mine\n');
    expect(failure('land', 'stop')).toMatchObject({ code: 'landing_stopped', data: { paths: ['b.txt'] } });
    expect(read('b.txt')).toBe('mine\n');
    expect(skein.run('diff', 'app', '--stat')).toContain('b.txt');
    git(base, 'add', '.');
    git(base, 'commit', '-q', '-m', 'mine');
    const { message } = failure('land', 'stop');
    expect(message).toMatch(/skein\/stop and main have both changed b\.txt.*"mine" of/s);
    expect(skein.try(['land', 'app']).stderr).toContain('no worktree of its own');
    expect(skein.try(['land', 'nothing']).stderr).toContain('no workspace and no agent');
    expect(git(base, 'status', '--porcelain')).toBe('');
  });

  test('[W5] a repository within is named, and stops it', () => {
    const root = worktree('within', { 'w.txt': 'w\n' });
    git(root, 'init', '-q', 'sub');
    const told = skein.try(['diff', 'within', '--stat']);
    expect(told).toMatchObject({ status: 0, stdout: expect.stringContaining('1 file changed') });
    expect(told.stderr).toContain('sub is a repository of its own');
    expect(skein.json('diff', 'within')).toMatchObject({ nested: ['sub'] });
    expect(failure('land', 'within').message).toContain('a repository of its own');
  });

  test('[W2][W5] it stops before what somebody has claimed in the base', () => {
    skein.run('run', '-d', '--name', 'other', '--workspace', 'app', 'sleep', '1000');
    const { inside } = skein.json<{ inside: { run: string }[] }>('workspace', 'show', 'app');
    skein.run('claim', 'app', 'c.txt', '--for', inside[0]?.run ?? '');
    worktree('held', { 'c.txt': 'c\n' });
    expect(failure('land', 'held').message).toContain('"c.txt" is held in "app" by other');
    skein.run('kill', 'other');
    expect(skein.json<Landed>('land', 'held')).toMatchObject({ state: 'landed' });
    expect(skein.json<{ held: unknown[] }>('workspace', 'show', 'app').held).toEqual([]);
  });

  test('[W2][W5] nor in a workspace that the base lies in, or that lies in the base', () => {
    const outer = join(skein.home, '..', 'outer');
    repository(join(outer, 'repo'));
    fs.mkdirSync(join(outer, 'repo/part'));
    for (const [name, dir, claimed] of [
      ['outer', outer, 'repo/part/**'],
      ['middle', join(outer, 'repo'), 'other.txt'],
      ['inner', join(outer, 'repo/part'), 'i.txt'],
    ] as const) {
      skein.run('workspace', 'create', 'local', dir, '--name', name);
      skein.run('run', '-d', '--name', `in-${name}`, '--workspace', name, 'sleep', '1000');
      const { inside } = skein.json<{ inside: { run: string }[] }>('workspace', 'show', name);
      skein.run('claim', name, claimed, '--for', inside[0]?.run ?? '');
    }
    const { root } = skein.json<{ root: string }>(
      'workspace',
      'create',
      'worktree',
      'middle',
      '-n',
      'nested',
    );
    fs.mkdirSync(join(root, 'part'));
    fs.writeFileSync(join(root, 'part/i.txt'), 'landed\n');
    expect(failure('land', 'nested').message).toMatch(/is held in "(inner|outer)" by/);
    skein.run('kill', 'in-inner');
    expect(failure('land', 'nested').message).toContain('"repo/part/**" is held in "outer" by in-outer');
    skein.run('kill', 'in-outer');
    expect(skein.json<Landed>('land', 'nested')).toMatchObject({ state: 'landed' });
    for (const name of ['inner', 'outer'])
      expect(skein.json<{ held: unknown[] }>('workspace', 'show', name).held).toEqual([]);
  });

  test('[W5] a worktree that stayed only for what had not landed goes when it has', async () => {
    const made = skein.json<{ root: string }>(
      'workspace',
      'create',
      'worktree',
      'app',
      '-n',
      'brief',
      '--keep',
      'last',
    );
    skein.run('run', '-d', '--name', 'job', '--workspace', 'brief', 'sh', '-c', 'echo done > job.txt');
    const life = () => skein.try(['workspace', 'show', 'brief', '--json']);
    await until('it stays', () => JSON.parse(life().stdout).why?.includes('job.txt'));
    expect(fs.existsSync(made.root)).toBe(true);
    skein.run('land', 'brief');
    expect(read('job.txt')).toBe('done\n');
    await until('it is gone', () => life().status === 3);
    expect(fs.existsSync(made.root)).toBe(false);
    expect(git(base, 'branch', '--list', 'skein/brief')).toBe('');
  });

  test('[W5] they land one at a time, in order; one that waits or checks can be ended', async () => {
    worktree('first', { 'first.txt': '1\n' });
    worktree('second', { 'second.txt': '2\n' });
    worktree('third', { 'third.txt': '3\n' });
    const go = join(skein.home, '..', 'go');
    const slow = ['--check', `until [ -e ${go} ]; do sleep 0.05; done`];
    const begun = skein.json<Landed>('land', 'first', '--detach', ...slow);
    expect(begun.state).toBe('running');
    expect(skein.run('land', 'second', '--detach')).toContain('waits behind first');
    expect(skein.run('land', 'third', '-d', ...slow)).toContain('waits behind first, second');
    expect(failure('land', 'second').code).toBe('already_running');
    skein.run('land', '--cancel', 'third');
    fs.writeFileSync(go, '');
    const log = () => git(base, 'log', '-2', '--format=%s');
    await until('both have landed', () => log() === 'Work of second\nWork of first');
    expect(fs.existsSync(join(base, 'third.txt'))).toBe(false);
    fs.rmSync(go);
    const child = spawn(...skein.words('land', 'third', ...slow), { env: skein.env, stdio: 'ignore' });
    const ended = new Promise((resolve) => child.once('exit', resolve));
    const step = () =>
      skein.json<{ landings: { step: string }[] }>('workspace', 'show', 'app').landings.at(-1)?.step;
    await until('it is checked', () => step() === 'check');
    child.kill('SIGINT');
    expect(await ended).toBe(1);
    expect(fs.existsSync(join(base, 'third.txt'))).toBe(false);
  });

  test('[W5][K4] the node is killed in the middle of a landing: the next one finishes it', async () => {
    worktree('killed', { 'killed.txt': 'k\n' });
    const mark = join(skein.home, '..', 'checks');
    const check = `echo x >> ${mark}; [ "$(wc -l < ${mark})" -gt 1 ] || sleep 100`;
    const { landing } = skein.json<Landed>('land', 'killed', '--detach', '--check', check);
    await until('it is checked', () => fs.existsSync(mark));
    const { pid } = skein.json<{ pid: number }>('status');
    process.kill(pid, 'SIGKILL');
    const state = () => {
      const { landings } = skein.json<{ landings: Landed[] }>('workspace', 'show', 'app');
      return landings.find((one) => one.landing === landing)?.state;
    };
    await until('it has landed', () => state() === 'landed');
    expect(read('killed.txt')).toBe('k\n');
    expect(git(base, 'status', '--porcelain')).toBe('');
    expect(git(base, 'worktree', 'list')).not.toContain('landings');
  });

  test('[W5][K4] or when the branch has moved: nothing is held for it afterwards, wherever it was', async () => {
    const inner = join(base, 'slow');
    fs.mkdirSync(inner);
    skein.run('workspace', 'create', 'local', inner, '--name', 'slow');
    const root = worktree('moved', {});
    fs.mkdirSync(join(root, 'slow'));
    fs.writeFileSync(join(root, 'slow/x'), 'x\n');
    // The work's own tree follows last of all, and takes its time for that.
    fs.writeFileSync(join(base, '.gitattributes'), '*.slow filter=slow\n');
    fs.writeFileSync(join(base, 'y.slow'), 'y\n');
    git(base, 'add', '.gitattributes', 'y.slow');
    git(base, 'commit', '-q', '-m', 'slow');
    const [go, mark] = [join(skein.home, '..', 'go-on'), join(skein.home, '..', 'moving')];
    const wait = `[ "$PWD" != ${root} ] || { touch ${mark}; until [ -e ${go} ]; do sleep 0.02; done; }; cat`;
    git(base, 'config', 'filter.slow.smudge', wait);
    const { landing } = skein.json<Landed>('land', 'moved', '--detach');
    await until('it moves', () => fs.existsSync(mark));
    const shown = (name: string) =>
      skein.json<{ landings: Landed[]; held: unknown[] }>('workspace', 'show', name);
    expect(shown('slow').held).toHaveLength(1);
    process.kill(skein.json<{ pid: number }>('status').pid, 'SIGKILL');
    fs.writeFileSync(go, '');
    await until('it has landed', () =>
      shown('app').landings.some((one) => one.landing === landing && one.state === 'landed'),
    );
    expect([...shown('app').held, ...shown('slow').held]).toEqual([]);
    expect(git(base, 'status', '--porcelain')).toBe('');
    skein.run('workspace', 'rm', 'slow');
  });
});
