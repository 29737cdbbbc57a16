/** What is written under claims is seen, whatever was done to the tree, and nothing else is (rule W4). */
import fs from 'node:fs';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Wanted } from './wanted.ts';
import { WatchedFixture } from './watched.fixture.ts';

const SENTINEL = 'zz-sentinel';
const short = (told: { what: string; path: string }[]) => told.map((one) => `${one.what} ${one.path}`).sort();

describe('a watched workspace', () => {
  test('[W4] what is created, changed and removed under a claim is told, with the claims it is under', async () => {
    using one = new WatchedFixture();
    for (const file of ['src/a.ts', 'src/deep/b.ts', 'docs/c.md', 'src/x.js']) one.write(file, 'one');
    await one.watch({ deep: ['src/deep/**'], ts: ['src/*.ts', 'src/deep/b.ts'], s: [SENTINEL] });
    one.write('src/a.ts', 'two');
    one.write('src/deep/b.ts', 'two');
    one.write('src/deep/new/n.ts', 'new');
    one.write('docs/c.md', 'two');
    one.write('src/x.js', 'two');
    const told = await one.all(SENTINEL);
    expect(short(told)).toEqual(['changed src/a.ts', 'changed src/deep/b.ts', 'created src/deep/new/n.ts']);
    expect(told.find(({ path }) => path === 'src/deep/b.ts')?.claims.sort()).toEqual(['deep', 'ts']);
    fs.rmSync(one.path('src/deep'), { recursive: true });
    expect(short(await one.all(SENTINEL))).toEqual(['removed src/deep/b.ts', 'removed src/deep/new/n.ts']);
  });

  test('[W4] a touch is no write, nor is one that is taken back before anybody could have seen it', async () => {
    using one = new WatchedFixture();
    one.write('a', 'one');
    one.write('b', 'one');
    one.write('c', 'one');
    await one.watch({ all: ['a', 'b', 'c'], s: [SENTINEL] });
    fs.utimesSync(one.path('a'), 1, 1);
    fs.chmodSync(one.path('a'), 0o600);
    // As editors and git do: into another file, and that into its place.
    one.write('b.tmp', 'one');
    fs.renameSync(one.path('b.tmp'), one.path('b'));
    fs.rmSync(one.path('c'));
    one.write('c', 'one');
    expect(await one.all(SENTINEL)).toEqual([]);
  });

  test('[W4] only directories that lead to something claimed are watched, and no longer than it is', async () => {
    using one = new WatchedFixture();
    for (let i = 0; i < 50; i += 1) one.write(`src/m${i}/f.ts`, 'one');
    await one.watch({ one: ['src/m7/f.ts', 'not/there/yet.ts'] });
    expect(one.directories).toBe(3);
    await one.claims({ two: ['src/*/f.ts'] }, {});
    expect(one.directories).toBe(52);
    await one.claims({}, { two: ['src/*/f.ts'] });
    expect(one.directories).toBe(3);
    one.write('not/there/yet.ts', 'now');
    await one.until(() => one.told.length > 0);
    expect(short(one.told)).toEqual(['created not/there/yet.ts']);
    await one.claims({}, { one: ['src/m7/f.ts', 'not/there/yet.ts'] });
    expect(one.directories).toBe(0);
  });

  test('[W4] what git ignores is not watched, until its rules change', async () => {
    using one = new WatchedFixture();
    one.git('init', '-q');
    one.write('.gitignore', '*.log\nbuild/\n!keep.log\n');
    one.write('build/tracked.txt', 'one');
    one.git('add', '-f', '.');
    one.write('src/a.log', 'one');
    one.write('src/keep.log', 'one');
    await one.watch({ all: ['**'] });
    for (const file of ['src/a.log', 'src/b.log', 'src/keep.log', 'build/out.js', 'build/tracked.txt'])
      one.write(file, 'two');
    const told = await one.all(SENTINEL);
    expect(short(told)).toEqual(['changed build/tracked.txt', 'changed src/keep.log']);
    one.write('.gitignore', 'nothing\n');
    await one.all(SENTINEL);
    await one.all(SENTINEL);
    one.write('src/b.log', 'three');
    expect(short(await one.all(SENTINEL))).toEqual(['changed src/b.log']);
    // Together with new rules, which were there before for others.
    one.write('.gitignore', '*.log\n');
    one.write('src/made.ts', 'one');
    expect(short(await one.all(SENTINEL))).toEqual(['changed .gitignore', 'created src/made.ts']);
  });

  test('[W4] a directory in the place of another, and one moved away and back, hide nothing', async () => {
    using one = new WatchedFixture();
    one.write('d/e/f', 'one');
    one.write('d/e/g', 'one');
    await one.watch({ d: ['d/**'], s: [SENTINEL] });
    one.write('other/e/f', 'two');
    one.write('other/e/g', 'one');
    fs.rmSync(one.path('d'), { recursive: true });
    fs.renameSync(one.path('other'), one.path('d'));
    expect(short(await one.all(SENTINEL))).toEqual(['changed d/e/f']);
    one.write('d/e/g', 'two');
    expect(short(await one.all(SENTINEL))).toEqual(['changed d/e/g']);
    fs.renameSync(one.path('d/e'), one.path('away'));
    expect(short(await one.all(SENTINEL))).toEqual(['removed d/e/f', 'removed d/e/g']);
    fs.renameSync(one.path('away'), one.path('d/e'));
    expect(short(await one.all(SENTINEL))).toEqual(['created d/e/f', 'created d/e/g']);
    one.write('d/e/f', 'four');
    expect(short(await one.all(SENTINEL))).toEqual(['changed d/e/f']);
  });

  test('[W4] where the disk takes names for the same that differ in case, so does the watcher', async () => {
    using one = new WatchedFixture();
    one.write('Src/README.md', 'one');
    await one.watch({ r: ['src/readme.MD'], s: [SENTINEL] }, { case: true, unicode: true });
    one.write('Src/README.md', 'two');
    expect(short(await one.all(SENTINEL))).toEqual(['changed Src/README.md']);
  });

  test('[W4] names of any kind: spaces, newlines, what git and patterns take for their own', async () => {
    using one = new WatchedFixture();
    one.git('init', '-q');
    const names = ['a b', 'line\nbreak', ':(top)x', '-dash', 'ü', '[x]', '!no', '#no', '"q"', 'x$(y)'];
    for (const name of names) one.write(`d/${name}`, 'one');
    await one.watch({ d: ['d/**'], s: [SENTINEL] });
    for (const name of names) one.write(`d/${name}`, 'two');
    expect(short(await one.all(SENTINEL))).toEqual(names.map((name) => `changed d/${name}`).sort());
  });

  test('[W4] when the system drops events, that is told, and what is claimed is looked at again', async () => {
    using one = new WatchedFixture();
    fs.mkdirSync(one.path('d'));
    const count = 1_000;
    for (let i = 0; i < count; i += 1) fs.writeFileSync(one.path(`d/${i}`), 'one');
    await one.watch({ d: ['d/**'] });
    // Without a turn of the loop in between, so that the queue (16,384 unless configured) is full when something is written;
    // events that follow each other and are alike would be one.
    for (let round = 0; round < 20; round += 1)
      for (let i = 0; i < count; i += 1) fs.chmodSync(one.path(`d/${i}`), 0o600 + round);
    for (let i = 0; i < count; i += 1) fs.appendFileSync(one.path(`d/${i}`), 'two');
    await one.until(() => one.told.length >= count);
    expect(one.missed).toBeGreaterThan(0);
    expect(new Set(one.told.map(({ path }) => path)).size).toBe(count);
  });

  test('[W4] what two patterns lead to is told once (seed 1318292376)', async () => {
    using one = new WatchedFixture();
    one.write('x/c/a', '1');
    await one.watch({ c: ['*/c', 'b/c/**'], s: [SENTINEL] });
    fs.renameSync(one.path('x'), one.path('b'));
    expect(short(await one.all(SENTINEL))).toEqual(['created b/c/a']);
  });

  test('[W4] after anything done to a tree, exactly what differs has been told', async () => {
    const name = fc.constantFrom('a', 'b', 'c');
    const place = fc.array(name, { minLength: 1, maxLength: 3 }).map((names) => names.join('/'));
    const act = fc.oneof(
      fc.record({ do: fc.constant('write' as const), at: place, text: fc.constantFrom('1', '2', '3') }),
      fc.record({ do: fc.constant('remove' as const), at: place }),
      fc.record({ do: fc.constant('move' as const), at: place, to: place }),
      fc.record({ do: fc.constant('link' as const), at: place, to: name }),
      fc.record({ do: fc.constant('touch' as const), at: place }),
    );
    const globs = fc.uniqueArray(fc.constantFrom('a/**', 'b/*', '*/c', 'a/b/c', 'c', '*/*/a', 'b/c/**'), {
      minLength: 1,
    });
    type Act = typeof act extends fc.Arbitrary<infer A> ? A : never;
    const perform = (root: WatchedFixture, one: Act) => {
      const at = root.path(one.at);
      try {
        if (one.do === 'write') root.write(one.at, one.text);
        else if (one.do === 'remove') fs.rmSync(at, { recursive: true, force: true });
        else if (one.do === 'move') fs.renameSync(at, root.path(one.to));
        else if (one.do === 'link') fs.symlinkSync(one.to, at);
        else fs.utimesSync(at, 5, 5);
      } catch {
        // Such as writing where a directory is: nothing has happened then.
      }
    };
    await fc.assert(
      fc.asyncProperty(
        fc.array(act, { maxLength: 12 }),
        fc.array(fc.array(act, { minLength: 1, maxLength: 6 }), { minLength: 1, maxLength: 3 }),
        globs,
        async (first, rounds, claimed) => {
          using one = new WatchedFixture();
          for (const each of first) perform(one, each);
          await one.watch({ c: claimed, s: [SENTINEL] });
          for (const round of rounds) {
            const before = contents(one.root, claimed);
            for (const each of round) perform(one, each);
            const after = contents(one.root, claimed);
            const differing = new Set([...before.keys(), ...after.keys()]);
            const expected = [...differing].flatMap((path) => {
              const [was, is] = [before.get(path), after.get(path)];
              if (was === is) return [];
              return [`${was === undefined ? 'created' : is === undefined ? 'removed' : 'changed'} ${path}`];
            });
            expect(short(await one.all(SENTINEL))).toEqual(expected.sort());
          }
        },
      ),
      { numRuns: 25 },
    );
  });
});

/** What is in each file that is claimed; where each link leads. */
function contents(root: string, globs: readonly string[]): Map<string, string> {
  const claimed = new Wanted({ case: false, unicode: false });
  claimed.add('c', globs);
  const found = new Map<string, string>();
  const gather = (dir: string) => {
    for (const entry of fs.readdirSync(`${root}/${dir}`, { withFileTypes: true })) {
      const path = `${dir}${entry.name}`;
      if (entry.isDirectory()) gather(`${path}/`);
      else if (claimed.claimsOf(path).size === 0) continue;
      else if (entry.isSymbolicLink()) found.set(path, `link ${fs.readlinkSync(`${root}/${path}`)}`);
      else found.set(path, `file ${fs.readFileSync(`${root}/${path}`, 'utf8')}`);
    }
  };
  gather('');
  return found;
}
