/** Landing on real repositories: what has landed, what stops it, and what it leaves alone. */
import fs from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Landings } from './landing.fixture.ts';
import { forgetLanding } from './undo.ts';

let repos: Landings;
beforeEach(() => {
  repos = new Landings();
});
afterEach(() => repos.destroy());

const hook = (command: string, timeout = 20_000) => ({ command, timeout });

describe('landing', () => {
  test('[W5] commits, what is not committed and new files land on the branch of the base, whose tree follows', async () => {
    const base = repos.repository();
    const work = repos.worktree(base);
    repos.commit(work, 'b.txt');
    repos.write(work, 'a.txt', 'changed\n');
    repos.write(work, 'deep/new file', 'new\n');
    repos.write(work, '.gitignore', 'ignored\n');
    repos.write(work, 'ignored', 'x');
    const before = repos.tip(base);
    const landed = await repos.land(base, work);
    expect(landed).toMatchObject({ onto: 'main', branch: 'skein/work', before, commits: 2, message: null });
    expect(repos.tip(base)).toBe(landed.after);
    expect(repos.status(base)).toBe('');
    expect(repos.read(base, 'deep/new file')).toBe('new\n');
    expect(repos.read(base, 'a.txt')).toBe('changed\n');
    expect(fs.existsSync(path.join(base, 'ignored'))).toBe(false);
    expect(repos.git(base, 'log', '-1', '--format=%an %s')).toBe('A Work of work');
    expect(repos.tip(work)).toBe(landed.after);
    expect(repos.steps.map(({ step }) => step)).toEqual(['commit', 'bring', 'move']);
    expect(repos.held[0]).toEqual([base, ['.gitignore', 'a.txt', 'b.txt', 'deep/new file']]);
    await expect(repos.land(base, work)).rejects.toMatchObject({
      code: 'landing_stopped',
      message: expect.stringContaining('nothing to land'),
      nothing: true,
    });
  });

  test.each(['rebase', 'merge'] as const)('[W5] over what others have landed, by %s', async (how) => {
    const base = repos.repository();
    const [one, two] = [repos.worktree(base, 'one'), repos.worktree(base, 'two')];
    repos.commit(one, 'one.txt');
    repos.commit(two, 'two.txt');
    await repos.land(base, one, { how });
    const landed = await repos.land(base, two, { how, message: 'Mine' });
    expect(repos.read(base, 'one.txt') + repos.read(base, 'two.txt')).toBe('one.txt\ntwo.txt\n');
    expect(repos.status(base)).toBe('');
    expect(repos.git(base, 'log', '--merges', '--format=%s')).toBe(
      how === 'merge' ? 'Mine\nMerge the work of one' : '',
    );
    expect(repos.tip(two)).toBe(landed.after);
    // And on from there.
    repos.commit(two, 'three.txt');
    expect((await repos.land(base, two, { how })).commits).toBe(how === 'merge' ? 2 : 1);
  });

  test('[W5] changes of the user that it would not touch are left, staged or not', async () => {
    const base = repos.repository();
    repos.commit(base, 'mine.txt');
    repos.commit(base, 'staged.txt');
    const work = repos.worktree(base);
    repos.commit(work, 'a.txt', 'landed\n');
    repos.write(base, 'mine.txt', 'not committed\n');
    repos.write(base, 'staged.txt', 'staged\n');
    repos.git(base, 'add', 'staged.txt');
    repos.write(base, 'unknown.txt', 'unknown\n');
    await repos.land(base, work);
    expect(
      repos
        .status(base)
        .split('\n')
        .map((line) => line.trim()),
    ).toEqual(['M mine.txt', 'M  staged.txt', '?? unknown.txt']);
    expect(repos.read(base, 'mine.txt')).toBe('not committed\n');
    expect(repos.read(base, 'a.txt')).toBe('landed\n');
  });

  test.each<[string, (base: string) => void]>([
    ['a change that is not committed', (base) => repos.write(base, 'a.txt', 'mine\n')],
    [
      'a change that is staged',
      (base) => {
        repos.write(base, 'a.txt', 'mine\n');
        repos.git(base, 'add', 'a.txt');
      },
    ],
    ['a file that git does not know', (base) => repos.write(base, 'new/b.txt', 'mine\n')],
    [
      'a file that git ignores',
      (base) => {
        repos.write(base, '.git/info/exclude', 'new\n');
        repos.write(base, 'new/b.txt', 'mine\n');
      },
    ],
    ['a file where a directory is to be', (base) => repos.write(base, 'new', 'mine\n')],
    ['a directory where a file is to be', (base) => repos.write(base, 'new/b.txt/mine', 'mine\n')],
    ['a removal that is not committed', (base) => fs.rmSync(path.join(base, 'a.txt'))],
  ])('[W5] it stops before %s', async (_, change) => {
    const base = repos.repository();
    const work = repos.worktree(base);
    repos.write(work, 'a.txt', 'theirs\n');
    repos.commit(work, 'new/b.txt');
    change(base);
    const [before, status] = [repos.tip(base), repos.status(base)];
    const stopped = await repos.land(base, work).catch((error) => error);
    expect(stopped).toMatchObject({ code: 'landing_stopped', paths: [expect.stringMatching(/a\.txt|new/)] });
    expect([repos.tip(base), repos.status(base)]).toEqual([before, status]);
    expect(repos.leftovers(base)).toEqual([]);
    repos.git(base, 'stash', '-q', '--all');
    expect((await repos.land(base, work)).commits).toBe(1);
  });

  test('[W5] a conflict stops it, with the paths and who has changed them; all is as it was', async () => {
    const base = repos.repository();
    const work = repos.worktree(base);
    repos.commit(work, 'a.txt', 'theirs\n');
    repos.commit(base, 'a.txt', 'ours\n');
    const tips = [repos.tip(base), repos.tip(work)];
    for (const how of ['rebase', 'merge'] as const) {
      const stopped = await repos.land(base, work, { how }).catch((error) => error);
      expect(stopped).toMatchObject({ code: 'landing_stopped', paths: ['a.txt'] });
      expect(stopped.message).toMatch(/skein\/work and main have both changed a\.txt.*"Add a\.txt" of A/s);
    }
    expect([repos.tip(base), repos.tip(work)]).toEqual(tips);
    expect(repos.status(base) + repos.status(work)).toBe('');
    expect(repos.leftovers(base)).toEqual([]);
  });

  test('[W5] a check is run on the result, off to the side, and stops it when it fails or takes too long', async () => {
    const base = repos.repository();
    const work = repos.worktree(base);
    repos.commit(work, 'b.txt');
    repos.commit(base, 'c.txt');
    const before = repos.tip(base);
    const failed = await repos.land(base, work, { check: hook('ls; exit 3') }).catch((error) => error);
    expect(failed).toMatchObject({ code: 'landing_stopped', output: 'a.txt\nb.txt\nc.txt\n' });
    expect(failed.message).toContain('ended with 3');
    const slow = await repos.land(base, work, { check: hook('sleep 60', 100) }).catch((error) => error);
    expect(slow.output).toContain('took longer');
    expect(repos.tip(base)).toBe(before);
    const landed = await repos.land(base, work, { check: hook('test -f b.txt -a -f c.txt && echo well') });
    expect(landed).toMatchObject({ output: 'well\n', commits: 1 });
    expect(repos.leftovers(base).filter((one) => !one.startsWith('refs/'))).toEqual([]);
  });

  test('[W5] the branch moves on meanwhile: it is done again, check and all', async () => {
    const base = repos.repository();
    const work = repos.worktree(base);
    repos.commit(work, 'b.txt');
    let moved = false;
    const step = async ({ step }: { step: string }) => {
      if (step !== 'move' || moved) return;
      moved = true;
      repos.commit(base, 'c.txt');
    };
    await repos.land(base, work, { check: hook('ls >> ../../../checks') }, { step });
    expect(repos.read(repos.dir, 'checks')).toBe('a.txt\nb.txt\na.txt\nb.txt\nc.txt\n');
    expect(repos.git(base, 'log', '--format=%s')).toBe('Add b.txt\nAdd c.txt\nAdd a.txt');
  });

  test('[W5] a branch that no tree is on, and one that another tree is on', async () => {
    const base = repos.repository();
    const work = repos.worktree(base);
    repos.commit(work, 'b.txt');
    repos.git(base, 'branch', 'release');
    const released = await repos.land(base, work, { onto: 'release' });
    expect(repos.tip(base, 'release')).toBe(released.after);
    expect(fs.existsSync(path.join(base, 'b.txt'))).toBe(false);
    const other = repos.path('other');
    repos.git(base, 'worktree', 'add', '-q', '-b', 'dev', other);
    await repos.land(base, work, { onto: 'dev' });
    expect(repos.read(other, 'b.txt')).toBe('b.txt\n');
    expect(repos.status(other)).toBe('');
    await expect(repos.land(base, work, { onto: 'nowhere' })).rejects.toThrow('no branch nowhere');
  });

  test('[W5] what somebody else is to write keeps it from landing', async () => {
    const base = repos.repository();
    const work = repos.worktree(base);
    repos.commit(work, 'b.txt');
    const before = repos.tip(base);
    const hold = () => Promise.reject(new Error('claimed'));
    await expect(repos.land(base, work, {}, { hold })).rejects.toThrow('claimed');
    expect(repos.tip(base)).toBe(before);
    expect(repos.leftovers(base)).toEqual([]);
  });

  test('[W5] what the agent writes while it lands stays in its tree', async () => {
    const base = repos.repository();
    const work = repos.worktree(base);
    repos.commit(work, 'b.txt');
    repos.commit(base, 'a.txt', 'newer\n');
    const step = async ({ step }: { step: string }) => {
      if (step === 'move') repos.write(work, 'a.txt', 'meanwhile\n');
    };
    const landed = await repos.land(base, work, {}, { step });
    expect(landed.message).toContain('a.txt');
    expect(repos.read(work, 'a.txt')).toBe('meanwhile\n');
    // It is new over what has landed, and that does not land twice.
    repos.git(work, 'checkout', '-q', 'a.txt');
    repos.commit(work, 'c.txt');
    const { head, before, after, onto } = landed;
    const earlier = [{ state: 'landed' as const, head: head ?? '', before, after, onto }];
    expect((await repos.land(base, work, { earlier })).commits).toBe(1);
    expect(repos.git(base, 'log', '-2', '--format=%s')).toBe('Add c.txt\nAdd b.txt');
  });
});

test('[W5] nobody commits under a name that is made up', async () => {
  const base = repos.repository();
  const work = repos.worktree(base);
  repos.write(work, 'b.txt', 'new\n');
  const options = { env: { ...repos.options.env, GIT_CONFIG_GLOBAL: '/dev/null' } };
  const stopped = await repos.land(base, work, {}, { options }).catch((error) => error);
  expect(stopped.message).toContain('git does not know who you are');
  expect(repos.status(work)).toBe('?? b.txt');
});

describe('undo', () => {
  test('[W5] a landing that nothing came after is taken out, and can land again', async () => {
    const base = repos.repository();
    const work = repos.worktree(base);
    repos.commit(work, 'b.txt');
    const landed = await repos.land(base, work);
    const { reverted } = await repos.undo(base, landed);
    expect(reverted).toBe(false);
    expect([repos.tip(base), repos.status(base)]).toEqual([landed.before, '']);
    expect(fs.existsSync(path.join(base, 'b.txt'))).toBe(false);
    expect((await repos.land(base, work)).after).toBe(landed.after);
  });

  test.each(['rebase', 'merge'] as const)(
    '[W5] one that others came after is undone by a commit, and can land again (%s)',
    async (how) => {
      const base = repos.repository();
      const work = repos.worktree(base);
      repos.commit(work, 'a.txt', 'landed\n');
      repos.commit(work, 'b.txt');
      repos.commit(base, 'first.txt');
      const landed = await repos.land(base, work, { how });
      repos.commit(base, 'later.txt');
      expect((await repos.undo(base, landed)).reverted).toBe(true);
      expect(repos.git(base, 'ls-files')).toBe('a.txt\nfirst.txt\nlater.txt');
      expect(repos.read(base, 'a.txt')).toBe('a.txt\n');
      expect(repos.status(base)).toBe('');
      const { head, before, after, onto } = landed;
      const earlier = [{ state: 'undone' as const, head: head ?? '', before, after, onto }];
      await repos.land(base, work, { how, earlier });
      expect(repos.git(base, 'ls-files')).toBe('a.txt\nb.txt\nfirst.txt\nlater.txt');
      expect(repos.read(base, 'a.txt')).toBe('landed\n');
    },
  );

  test('[W5] it stops before changes that are not committed, and where the same was changed after it', async () => {
    const base = repos.repository();
    const work = repos.worktree(base);
    repos.commit(work, 'a.txt', 'landed\n');
    const landed = await repos.land(base, work);
    repos.write(base, 'a.txt', 'mine\n');
    await expect(repos.undo(base, landed)).rejects.toMatchObject({ paths: ['a.txt'] });
    expect(repos.read(base, 'a.txt')).toBe('mine\n');
    repos.commit(base, 'a.txt', 'mine\n');
    await expect(repos.undo(base, landed)).rejects.toMatchObject({
      code: 'landing_stopped',
      paths: ['a.txt'],
    });
    expect(repos.status(base)).toBe('');
    await forgetLanding(base, 'nothing', repos.options);
  });
});
