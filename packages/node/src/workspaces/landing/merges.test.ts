/** Work that holds merges, and work whose earlier landings were dropped or taken out: all of it lands, and nothing of it twice. */
import fs from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Landed } from './land.ts';
import { Landings } from './landing.fixture.ts';
import type { Earlier } from './upstream.ts';

let repos: Landings;
beforeEach(() => {
  repos = new Landings();
});
afterEach(() => repos.destroy());

const earlier = ({ head, before, after, onto }: Landed, state: Earlier['state'] = 'landed'): Earlier[] => [
  { state, head: head ?? '', before, after, onto },
];
const subjects = (dir: string) => repos.git(dir, 'log', '--format=%s').split('\n');

/** Merges a branch with a file that is in neither side. */
function mergeWithMore(work: string, branch: string): void {
  repos.git(work, 'merge', '-q', '--no-commit', '--no-ff', branch);
  repos.write(work, 'more.txt', 'written in the merge\n');
  repos.git(work, 'add', '-A');
  repos.git(work, 'commit', '-q', '-m', `Merge ${branch}, with more`);
}

/** A landing after which the work's own tree stayed where it was. */
async function landedAside(base: string, work: string, how: 'rebase' | 'merge' = 'rebase'): Promise<Landed> {
  const step = async ({ step: at }: { step: string }) => {
    if (at === 'move') repos.write(work, 'a.txt', 'meanwhile\n');
  };
  const landed = await repos.land(base, work, { how }, { step });
  expect(landed.message).toContain('a.txt');
  repos.git(work, 'checkout', '-q', 'a.txt');
  return landed;
}

describe('work that holds merges', () => {
  test.each([false, true])(
    '[W5] what a merge holds itself lands too (the branch went on: %s)',
    async (on) => {
      const base = repos.repository();
      const work = repos.worktree(base);
      repos.commit(work, 'work.txt');
      repos.commit(base, 'main.txt');
      mergeWithMore(work, 'main');
      if (on) repos.commit(base, 'later.txt');
      const tip = repos.tip(work);
      const landed = await repos.land(base, work);
      expect(repos.read(base, 'more.txt') + repos.read(work, 'more.txt')).toBe(
        'written in the merge\n'.repeat(2),
      );
      expect(fs.existsSync(path.join(base, 'later.txt'))).toBe(on);
      expect(repos.status(base) + repos.status(work)).toBe('');
      if (!on) expect(landed.after).toBe(tip);
      expect(repos.tip(work)).toBe(landed.after);
    },
  );

  test('[W5] a conflict that was settled by a merge is settled', async () => {
    const base = repos.repository();
    const work = repos.worktree(base);
    repos.commit(work, 'a.txt', 'theirs\n');
    repos.commit(base, 'a.txt', 'ours\n');
    await expect(repos.land(base, work)).rejects.toMatchObject({ paths: ['a.txt'] });
    expect(() => repos.git(work, 'merge', '-q', 'main')).toThrow();
    repos.commit(work, 'a.txt', 'both\n');
    await repos.land(base, work);
    expect(repos.read(base, 'a.txt')).toBe('both\n');
  });

  test('[W5] after a landing that its tree did not follow, merges with another branch land, and the first part not twice', async () => {
    const base = repos.repository();
    repos.commit(base, 'c.txt');
    const work = repos.worktree(base);
    repos.commit(work, 'b.txt');
    repos.commit(base, 'a.txt', 'newer\n');
    const landed = await landedAside(base, work);
    // What main has made of it since is not undone by it.
    repos.commit(base, 'b.txt', 'newer than landed\n');
    repos.git(base, 'branch', 'other', landed.before);
    const other = repos.path('other');
    repos.git(base, 'worktree', 'add', '-q', other, 'other');
    repos.commit(other, 'other.txt');
    mergeWithMore(work, 'other');
    await repos.land(base, work, { earlier: earlier(landed) });
    expect(repos.read(base, 'b.txt')).toBe('newer than landed\n');
    expect(repos.git(base, 'ls-files')).toBe('a.txt\nb.txt\nc.txt\nmore.txt\nother.txt');
    expect(repos.tip(work)).toBe(repos.tip(base));
    expect(repos.status(base) + repos.status(work)).toBe('');
  });
});

describe('an earlier landing', () => {
  test('[W5] that was dropped from the branch lands again, with what came after it', async () => {
    const base = repos.repository();
    const work = repos.worktree(base);
    repos.commit(work, 'first.txt');
    repos.commit(base, 'a.txt', 'newer\n');
    const landed = await landedAside(base, work);
    repos.git(base, 'reset', '-q', '--hard', landed.before);
    repos.commit(work, 'second.txt');
    await repos.land(base, work, { earlier: earlier(landed) });
    expect(subjects(base).slice(0, 2)).toEqual(['Add second.txt', 'Add first.txt']);
    expect(repos.read(base, 'first.txt') + repos.read(work, 'first.txt')).toBe('first.txt\n'.repeat(2));
  });

  test.each(['rebase', 'merge'] as const)(
    '[W5] that was undone by a commit lands again, though its tree had not followed it (%s)',
    async (how) => {
      const base = repos.repository();
      const work = repos.worktree(base);
      repos.commit(work, 'first.txt');
      repos.commit(base, 'a.txt', 'newer\n');
      const landed = await landedAside(base, work, how);
      repos.commit(base, 'later.txt');
      expect((await repos.undo(base, landed)).reverted).toBe(true);
      repos.commit(work, 'second.txt');
      await repos.land(base, work, { how, earlier: earlier(landed, 'undone') });
      expect(repos.git(base, 'ls-files')).toBe('a.txt\nfirst.txt\nlater.txt\nsecond.txt');
      expect(repos.read(base, 'a.txt')).toBe('newer\n');
    },
  );
});
