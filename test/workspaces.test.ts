/** Workspaces by the real `skein`: made, worked in, removed; and the node killed in the middle of each step (rules W5, K4). */
import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import type { WorkspaceShown } from '@skein/protocol/workspaces/asks';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Skein } from './support/cli.ts';
import { defineFake } from './support/fake-definition.ts';
import { kill, until, withEnvironment } from './support/processes.ts';

const REAL = execFileSync('/bin/sh', ['-c', 'command -v git'], { encoding: 'utf8' }).trim();

let skein: Skein;
let base: string;

/** As the user would run it. */
function git(dir: string, ...args: string[]): string {
  const who = ['-c', 'user.name=A', '-c', 'user.email=a@example.org'];
  return execFileSync('git', [...who, ...args], {
    cwd: dir,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  }).trim();
}

function repository(name: string): string {
  const dir = join(base, name);
  mkdirSync(dir);
  git(dir, 'init', '-q', '-b', 'main');
  writeFileSync(join(dir, 'a.txt'), 'a\n');
  git(dir, 'add', '.');
  git(dir, 'commit', '-q', '-m', 'a');
  return dir;
}

const shown = (name: string) => skein.json<WorkspaceShown>('workspace', 'show', name);
const names = () => skein.json<{ name: string }[]>('workspace', 'ls').map(({ name }) => name);

/** A failed call: its exit status, the code in its JSON, and what it said. */
function failure(...args: string[]) {
  // Behind -- it would be the program's.
  const { status, stderr } = skein.try(
    args.toSpliced(args.includes('--') ? args.indexOf('--') : args.length, 0, '--json'),
  );
  const { error } = JSON.parse(stderr.trim().split('\n').at(-1) ?? '{}');
  return { status, code: error.code as string, message: error.message as string };
}

beforeAll(() => {
  skein = new Skein();
  base = realpathSync(join(skein.home, '..'));
  const bin = join(base, 'bin');
  mkdirSync(bin);
  // Slow where it is told to be, so that there is a middle to be killed in; and of no use while that is wanted.
  const script = `#!/bin/sh\n[ -e ${bin}/broken ] && { echo 'fatal: bad config' >&2; exit 128; }\n[ -e ${bin}/slow ] && case "$*" in *$(cat ${bin}/slow)*) touch ${bin}/there; sleep 60;; esac\nexec ${REAL} "$@"\n`;
  writeFileSync(join(bin, 'git'), script);
  chmodSync(join(bin, 'git'), 0o755);
  skein.env.PATH = `${bin}:${skein.env.PATH}`;
  defineFake(skein.home);
  skein.run('up');
});
afterAll(() => skein.destroy());

/** SIGKILL for the node, and the next one. */
async function killNode(): Promise<void> {
  const { pid } = skein.json<{ pid: number }>('status');
  kill(pid);
  await until('the node is gone', () => !existsSync(`/proc/${pid}`));
  skein.run('up');
}

/** Waits until git is in the middle of a call with these words, and acts. */
async function amid(words: string, begin: () => void, act: () => Promise<void>): Promise<void> {
  const file = (name: string) => join(base, 'bin', name);
  execFileSync('rm', ['-f', file('there')]);
  writeFileSync(file('slow'), words);
  begin();
  await until(`git is at ${words}`, () => existsSync(file('there')));
  execFileSync('rm', ['-f', file('slow')]);
  await act();
}

const life = async (name: string, wanted: string) =>
  until(`${name} is ${wanted}`, () => names().includes(name) && shown(name).life === wanted, 20_000);

describe('a workspace', () => {
  test('[W5] is made of a repository, shown, and removed unless it holds what is nowhere else', () => {
    const up = repository('up');
    const made = skein.json<WorkspaceShown>(
      'workspace',
      'create',
      'git',
      `file://${up}`,
      '-n',
      'app',
      '--setup',
      'echo $SKEIN_WORKSPACE > .git/hook',
    );
    expect(made).toMatchObject({ name: 'app', kind: 'git', life: 'ready', git: { branch: 'main' } });
    expect(readFileSync(join(made.root, '.git/hook'), 'utf8')).toBe(`${made.id}\n`);
    expect(skein.run('workspace', 'show', 'app')).toContain(`root       ${made.root}`);
    expect(failure('workspace', 'create', 'scratch', '-n', 'app')).toMatchObject({
      status: 1,
      code: 'name_taken',
    });
    writeFileSync(join(made.root, 'mine'), 'x');
    expect(failure('workspace', 'rm', 'app')).toMatchObject({
      status: 1,
      code: 'work_left',
      message: expect.stringContaining('1 file that git does not know (mine)'),
    });
    expect(shown('app')).toMatchObject({ life: 'ready', why: expect.stringContaining('mine') });
    skein.run('workspace', 'rm', 'app', '--force');
    expect(names()).toEqual([]);
    expect(readdirSync(join(skein.home, 'workspaces'))).toEqual([]);
  });

  test('[W5] of a directory of the user is forgotten, and nothing in it is touched', () => {
    const dir = join(base, 'mine');
    mkdirSync(dir);
    writeFileSync(join(dir, 'x'), 'x');
    skein.run('workspace', 'create', 'local', dir);
    expect(failure('workspace', 'create', 'local', dir)).toMatchObject({ status: 1, code: 'name_taken' });
    expect(failure('workspace', 'create', 'local', skein.home)).toMatchObject({ status: 1, code: 'bad_cwd' });
    skein.run('workspace', 'rm', dir);
    expect(readdirSync(dir)).toEqual(['x']);
    expect(names()).toEqual([]);
  });

  test('[W5] words that an action has no use for are refused, and nothing is done', () => {
    skein.run('workspace', 'create', 'scratch', '-n', 'one');
    for (const words of [
      ['rm', 'one', 'two'],
      ['ls', 'one'],
      ['show', 'one', 'two'],
      ['show', 'one', '--force'],
      ['ls', '--setup', 'true'],
      ['rm', 'one', '--keep', 'last'],
      ['create', 'scratch', 'two'],
      ['create', 'scratch', '--force'],
      ['create', 'scratch', '--timeout', '1s'],
    ])
      expect(failure('workspace', ...words), words.join(' ')).toMatchObject({
        status: 2,
        code: 'bad_request',
      });
    expect(names()).toEqual(['one']);
    skein.run('workspace', 'rm', 'one');
  });

  test('[W5] a password in a URL is refused, and is nowhere afterwards', () => {
    const url = 'https://somebody:hunter2canary@127.0.0.1:1/x';
    expect(failure('workspace', 'create', 'git', url)).toMatchObject({ status: 2, code: 'bad_request' });
    const found = spawnSync('grep', ['-rl', 'hunter2canary', skein.home], { encoding: 'utf8' });
    expect(found.stdout).toBe('');
  });

  test('[W5] a set-up that fails is told with what it printed, and what it made stays to be looked at', () => {
    const { status, stderr } = skein.try([
      'workspace',
      'create',
      'scratch',
      '-n',
      'bad',
      '--setup',
      'touch x; echo it broke >&2; exit 3',
    ]);
    expect(status).toBe(1);
    expect(stderr).toContain('it broke');
    expect(stderr).toContain('ended with status 3');
    expect(shown('bad').life).toBe('failed');
    expect(failure('run', '--workspace', 'bad', '--', 'true')).toMatchObject({
      status: 1,
      code: 'not_ready',
    });
    const slow = skein.try(['workspace', 'create', 'scratch', '--setup', 'sleep 60', '-t', '1s']);
    expect(slow.stderr).toContain('took longer than 1 s');
    for (const name of ['bad', 'scratch']) skein.run('workspace', 'rm', '--force', name);
  });

  test('[W5] its teardown runs before it goes, and one that fails keeps it', () => {
    const file = join(base, 'torn');
    skein.run('workspace', 'create', 'scratch', '-n', 'torn', '--teardown', `[ -e ${file} ] && rm ${file}`);
    expect(failure('workspace', 'rm', 'torn')).toMatchObject({ status: 1, code: 'hook_failed' });
    expect(shown('torn').life).toBe('ready');
    writeFileSync(file, '');
    skein.run('workspace', 'rm', 'torn');
    expect(existsSync(file)).toBe(false);
    expect(names()).toEqual([]);
  });
});

describe('who works in a workspace', () => {
  test('[W5] a program is in it until it ends: before it cannot be removed, and then it goes if that was said', async () => {
    skein.run('workspace', 'create', 'scratch', '-n', 'room', '--keep', 'last');
    const { root, id } = shown('room');
    skein.run(
      'run',
      '-d',
      '-n',
      'sh',
      '--workspace',
      'room',
      '--',
      'sh',
      '-c',
      'pwd > out; env | grep ^SKEIN_ | sort >> out; read line',
    );
    await until('it has begun', () => existsSync(join(root, 'out')) && shown('room').inside.length === 1);
    expect(shown('room').inside).toMatchObject([{ name: 'sh', agent: null, strength: { files: 'watched' } }]);
    expect(failure('workspace', 'rm', 'room', '--force')).toMatchObject({ status: 1, code: 'still_running' });
    await until('all is written', () => readFileSync(join(root, 'out'), 'utf8').includes('SKEIN_WORKSPACE'));
    const told = readFileSync(join(root, 'out'), 'utf8');
    expect(told).toContain(`${root}\n`);
    expect(told).toContain(`SKEIN_WORKSPACE=${id}\n`);
    expect(told).toContain(`SKEIN_HOME=${skein.home}\n`);
    skein.run('send', 'sh', '--enter', '');
    await until('it is gone', () => !existsSync(root));
    expect(names()).toEqual([]);
    expect(failure('run', '--workspace', 'room', '--', 'true')).toMatchObject({
      status: 3,
      code: 'not_found',
    });
  });

  test('[W5] one that git can tell nothing of stays with all that is in it', async () => {
    const up = repository('odd');
    skein.run('workspace', 'create', 'git', up, '-n', 'odd', '--keep', 'last');
    skein.run('spawn', 'fake', '-n', 'oddly', '--workspace', 'odd');
    const [clone, tree] = [shown('odd').root, shown('odd-fake').root];
    const broken = join(base, 'bin', 'broken');
    writeFileSync(broken, '');
    skein.run('stop', 'oddly');
    await until('it stays', () => shown('odd-fake').life === 'ready' && shown('odd-fake').why !== null);
    expect(shown('odd-fake').why).toMatch(/cannot be told, so it stays.*bad config/);
    rmSync(broken);
    expect([existsSync(join(clone, 'a.txt')), existsSync(join(tree, 'a.txt'))]).toEqual([true, true]);
    skein.run('workspace', 'rm', 'odd-fake');
    skein.run('workspace', 'rm', 'odd');
    expect(names()).toEqual([]);
  });

  test('[W5] an agent in a clone has a worktree of its own, which stays while it holds what has not landed', async () => {
    const up = repository('many');
    skein.run(
      'workspace',
      'create',
      'git',
      up,
      '-n',
      'many',
      '--setup',
      'touch .git/set-up || touch $(git rev-parse --git-dir)/set-up',
    );
    const { session } = skein.json<{ session: string }>('spawn', 'fake', '-n', 'work', '--workspace', 'many');
    skein.run('spawn', 'fake', '--in', 'work', '--workspace', 'many');
    skein.run('spawn', 'fake', '--in', 'work', '--workspace', 'many', '--shared', '--as', 'beside');
    expect(names()).toEqual(['many', 'many-fake', 'many-fake-2']);
    const [one, two] = [shown('many-fake'), shown('many-fake-2')];
    expect([one.git?.branch, two.git?.branch]).toEqual(['skein/many-fake', 'skein/many-fake-2']);
    // Set up as what they are of.
    const gitDir = git(one.root, 'rev-parse', '--git-dir');
    expect(existsSync(join(gitDir, 'set-up'))).toBe(true);
    expect(one.inside).toMatchObject([{ session, name: 'work/fake' }]);
    expect(shown('many').inside).toMatchObject([{ name: 'work/beside' }]);
    const agents = skein.json<{ name: string; cwd: string; workspace: { name: string } }[]>('agents', 'work');
    expect(agents.map(({ name, cwd, workspace }) => [name, cwd, workspace.name])).toEqual([
      ['fake', one.root, 'many-fake'],
      ['fake-2', two.root, 'many-fake-2'],
      ['beside', shown('many').root, 'many'],
    ]);
    expect(failure('workspace', 'rm', 'many')).toMatchObject({ status: 1, code: 'still_running' });
    writeFileSync(join(two.root, 'new'), 'x');
    git(two.root, 'add', '.');
    git(two.root, 'commit', '-q', '-m', 'new');
    skein.run('stop', 'work');
    await until('the one with nothing in it goes', () => !names().includes('many-fake'));
    expect(shown('many-fake-2')).toMatchObject({
      life: 'ready',
      why: expect.stringContaining('1 commit that has not landed'),
    });
    expect(failure('workspace', 'rm', 'many')).toMatchObject({
      status: 1,
      code: 'work_left',
      message: expect.stringContaining('many-fake-2'),
    });
    // It comes back to where it was.
    skein.run('restart', 'work/fake-2');
    await until('it is back', () => shown('many-fake-2').inside.length === 1);
    expect(failure('restart', 'work/fake')).toMatchObject({ status: 1, code: 'not_ready' });
    skein.run('stop', 'work/fake-2');
    await until(
      'it has left',
      () => shown('many-fake-2').inside.length === 0 && shown('many-fake-2').life === 'ready',
    );
    expect(JSON.parse(skein.run('workspace', 'rm', 'many-fake-2', '--force', '--json')).told).toContain(
      'Branch skein/many-fake-2 stays',
    );
    skein.run('workspace', 'rm', 'many', '--force');
  });

  test('[W5] an agent is in a workspace by its directory alone', async () => {
    const dir = join(base, 'plain');
    mkdirSync(join(dir, 'deep'), { recursive: true });
    skein.run('workspace', 'create', 'local', dir, '-n', 'plain');
    skein.run('spawn', 'fake', '-n', 'near', '-C', join(dir, 'deep'));
    expect(shown('plain').inside).toMatchObject([{ name: 'near/fake' }]);
    expect(failure('spawn', 'fake', '--workspace', 'plain', '--worktree')).toMatchObject({
      status: 1,
      code: 'agent_start_failed',
      message: expect.stringContaining('no git repository'),
    });
    expect(failure('spawn', 'fake', '--workspace', 'plain', '-C', '..')).toMatchObject({
      status: 1,
      code: 'bad_cwd',
    });
    expect(failure('spawn', 'fake', '--worktree')).toMatchObject({ status: 2, code: 'bad_request' });
    skein.run('stop', 'near');
    await until('it has left', () => shown('plain').inside.length === 0);
    await until('what could not be made is gone', () => names().length === 1);
    skein.run('workspace', 'rm', 'plain');
  });

  test('[W5] an agent whose worktree is being made waits for it, also when the node is killed meanwhile', async () => {
    const up = repository('slow');
    skein.run('workspace', 'create', 'git', up, '-n', 'slow');
    let spawned: Promise<{ status: number | null }> | undefined;
    await amid(
      'worktree?add',
      () => {
        spawned = skein.later(['spawn', 'fake', '-n', 'late', '--workspace', 'slow']);
      },
      killNode,
    );
    await life('slow-fake', 'ready');
    await until('it is in it', () => shown('slow-fake').inside.length === 1);
    await spawned;
    skein.run('stop', 'late');
    await until('it goes with it', () => !names().includes('slow-fake'));
    skein.run('workspace', 'rm', 'slow');
  });
});

describe('a node that is killed', () => {
  test('[W5] while it clones: nothing that it left goes on, and it is cloned again', async () => {
    const up = repository('killed');
    await amid('clone', () => void skein.run('workspace', 'create', 'git', up, '-n', 'k1', '-d'), killNode);
    await life('k1', 'ready');
    expect(withEnvironment('SKEIN_MAKING', shown('k1').id)).toEqual([]);
    expect(readdirSync(join(skein.home, 'workspaces'))).toEqual([shown('k1').id]);
    skein.run('workspace', 'rm', 'k1');
  });

  test('[W5] while a set-up runs: that is not run again, and is told', async () => {
    const file = join(base, 'count');
    skein.run('workspace', 'create', 'scratch', '-n', 'k2', '-d', '--setup', `echo run >> ${file}; sleep 60`);
    await until('it runs', () => existsSync(file));
    await killNode();
    await life('k2', 'failed');
    expect(shown('k2').why).toContain('not run again');
    expect(readFileSync(file, 'utf8')).toBe('run\n');
    expect(withEnvironment('SKEIN_MAKING', shown('k2').id)).toEqual([]);
    skein.run('workspace', 'rm', 'k2');
  });

  test('[W5] while a teardown runs: it stays, and says so; asked again, that is run again', async () => {
    const file = join(base, 'tearing');
    const command = `echo run >> ${file}; [ $(wc -l < ${file}) = 2 ] || sleep 60`;
    skein.run('workspace', 'create', 'scratch', '-n', 'k6', '--teardown', command);
    skein.run('workspace', 'rm', 'k6', '-d');
    await until('it runs', () => existsSync(file));
    expect(shown('k6').doing).toContain('teardown');
    await killNode();
    await life('k6', 'ready');
    expect(shown('k6').why).toContain('not run again');
    skein.run('workspace', 'rm', 'k6');
    expect(readFileSync(file, 'utf8')).toBe('run\nrun\n');
  });

  test('[W5] while it removes: it goes on with that', async () => {
    const up = repository('going');
    skein.run('workspace', 'create', 'local', up, '-n', 'k3');
    skein.run('workspace', 'create', 'worktree', 'k3', '-n', 'k4');
    await amid('worktree?remove', () => void skein.run('workspace', 'rm', 'k4', '-d'), killNode);
    await until('it is gone', () => !names().includes('k4'));
    expect(git(up, 'for-each-ref', '--format=%(refname)')).toBe('refs/heads/main');
    expect(readdirSync(join(skein.home, 'workspaces'))).toEqual([]);
    skein.run('workspace', 'rm', 'k3');
  });

  test('[W5] while it is asked to make one that is not wanted any more', async () => {
    const up = repository('never');
    await amid(
      'clone',
      () => void skein.run('workspace', 'create', 'git', up, '-n', 'k5', '-d'),
      async () => {
        skein.run('workspace', 'rm', 'k5');
      },
    );
    expect(names()).toEqual([]);
    expect(readdirSync(join(skein.home, 'workspaces'))).toEqual([]);
  });
});
