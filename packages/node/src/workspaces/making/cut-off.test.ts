/** Making and removing that is cut off in the middle of any call of git comes to the same when it is done again (rules K4, W5). */
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { lookAt, makeFiles, type Wanted } from './make.ts';
import { Repos } from './repos.fixture.ts';
import { removeFiles, workLeft } from './unmake.ts';

const REAL = execFileSync('/bin/sh', ['-c', 'command -v git'], { encoding: 'utf8' }).trim();
const PATH = process.env.PATH;

let repos: Repos;
let up: string;
beforeEach(() => {
  repos = new Repos();
  up = repos.repository();
  for (let n = 0; n < 30; n++) repos.write(up, `dir${n % 5}/f${n}`, `${n}\n`.repeat(200));
  repos.commit(up, 'b.txt');
  const bin = repos.path('bin');
  fs.mkdirSync(bin);
  const script = `#!/bin/sh
n=$(($(cat ${bin}/n) + 1)); echo $n > ${bin}/n
[ "$n" = "$(cat ${bin}/at)" ] || exec ${REAL} "$@"
${REAL} "$@" & sleep "$(cat ${bin}/after)"; kill -9 $!; wait $! 2>/dev/null; exit 137
`;
  fs.writeFileSync(path.join(bin, 'git'), script, { mode: 0o755 });
  process.env.PATH = `${bin}:${PATH}`;
});
afterEach(() => {
  process.env.PATH = PATH;
  repos.destroy();
});

/** The call of git, from 1, that is ended after some seconds; 0 for none. */
function cutAt(at: number, after = 0): void {
  for (const [name, value] of Object.entries({ n: 0, at, after }))
    fs.writeFileSync(repos.path('bin', name), `${value}`);
}
const calls = () => Number(fs.readFileSync(repos.path('bin', 'n'), 'utf8'));

const kinds = {
  clone: () => repos.wanted({ kind: 'git', url: `file://${up}` }),
  'part of a clone': () =>
    repos.wanted({ kind: 'git', url: up, depth: 1, ref: repos.git(up, 'rev-parse', 'HEAD') }),
  worktree: () => repos.wanted({ kind: 'worktree', of: 'aaaaaaaaaaaa' }, { name: 'base', root: up }),
  'worktree of a branch': () => {
    repos.git(up, 'branch', '-f', 'topic');
    return repos.wanted(
      { kind: 'worktree', of: 'aaaaaaaaaaaa', branch: 'topic' },
      { name: 'base', root: up },
    );
  },
};

/** What a workspace is, apart from where it lies. */
async function shape(wanted: Wanted): Promise<unknown> {
  const { git } = await lookAt(wanted);
  const files = repos.git(wanted.root, 'ls-files', '-s');
  return { git, files, status: repos.git(wanted.root, 'status', '--porcelain') };
}

const refs = () => repos.git(up, 'for-each-ref', '--format=%(refname) %(objectname)');
const trees = () => repos.git(up, 'worktree', 'list', '--porcelain').match(/^worktree /gm)?.length;

async function removed(wanted: Wanted): Promise<void> {
  expect(await workLeft(repos.going(wanted), false)).toEqual([]);
  await removeFiles(repos.going(wanted));
}

/** The locks that git may hold at once as it deletes a branch: of the branch, and of those packed together. */
const LOCKS = 2;

/**
 * Does it again after git was killed. A lock that git left in the user's repository stays there, for it could be of another git that
 * runs: the refusal names it, and without it all is as if nothing had been.
 */
async function again(work: () => Promise<unknown>, locks = LOCKS): Promise<void> {
  try {
    await work();
  } catch (error) {
    const lock = /[Uu]nable to create (?:file )?'?(.+?\.(?:lock|new))'?: File exists/.exec(`${error}`)?.[1];
    if (lock === undefined || locks === 0) throw error;
    expect(path.relative(path.join(up, '.git'), lock)).not.toMatch(/^\.\./);
    fs.rmSync(lock);
    await again(work, locks - 1);
  }
}

describe.each(Object.entries(kinds))('a %s', (_, make) => {
  test('[W5] cut off in any call of git, and made again', { timeout: 60_000 }, async () => {
    cutAt(0);
    const whole = make();
    await makeFiles(whole);
    const count = calls();
    const wanted = await shape(whole);
    await removed(whole);
    const before = refs();
    const cut = fc.record({
      at: fc.integer({ min: 1, max: count }),
      after: fc.constantFrom(0, 0.002, 0.006),
    });
    await fc.assert(
      fc.asyncProperty(cut, async ({ at, after }) => {
        const one = make();
        cutAt(at, after);
        await makeFiles(one).catch(() => {});
        cutAt(0);
        await again(() => makeFiles(one));
        expect(await shape(one)).toEqual(wanted);
        expect(repos.beside()).toEqual([one.id]);
        await removed(one);
        expect(refs()).toBe(before);
        expect(trees()).toBe(1);
      }),
      { numRuns: 4 },
    );
  });

  test('[W5] cut off in any call of git, and removed again', { timeout: 120_000 }, async () => {
    cutAt(0);
    const whole = make();
    const before = refs();
    await makeFiles(whole);
    cutAt(0);
    await removeFiles(repos.going(whole));
    const count = calls();
    for (let at = 1; at <= count; at++) {
      cutAt(0);
      const one = make();
      await makeFiles(one);
      cutAt(at, 0.003);
      await removeFiles(repos.going(one)).catch(() => {});
      cutAt(0);
      await again(() => removeFiles(repos.going(one)));
      expect(repos.beside()).toEqual([]);
      expect(refs()).toBe(before);
      expect(trees()).toBe(1);
    }
  });
});
