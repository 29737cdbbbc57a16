/** What an agent's tree on another machine holds, put into its worktree at home: the same there as here, and nothing of anybody's lost (rule W5). */
import fs from 'node:fs';
import path from 'node:path';
import { newId } from '@skein/protocol/ids';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { makeFiles } from '../making/make.ts';
import { Repos } from '../making/repos.fixture.ts';
import { writeBundle } from './bundle.ts';
import { farRefs, type Held, put, putRecorded } from './put.ts';
import { receive } from './receive.ts';
import { snapshotOf } from './snapshot.ts';

let repos: Repos;
beforeEach(() => {
  repos = new Repos();
});
afterEach(() => repos.destroy());

/** A worktree at home, and the agent's own repository elsewhere, which begins as that. */
async function pair() {
  const up = repos.repository();
  repos.write(up, '.gitignore', 'ignored/\n');
  repos.commit(up, 'src/b.txt');
  const home = repos.wanted({ kind: 'worktree', of: newId() }, { name: 'up', root: up });
  await makeFiles(home);
  const far = repos.path('far');
  repos.git(repos.dir, 'clone', '-q', '--no-local', up, far);
  const head = repos.git(far, 'rev-parse', 'HEAD');
  const pair = { id: home.id, root: home.root, up, far, before: { head, tip: head } as Held };
  /** Returns what it held. */
  const bring = async (also: readonly string[] = []): Promise<Held> => {
    const held = await snapshotOf(far, {});
    repos.git(far, 'update-ref', 'refs/skein/tip', held.tip);
    const file = repos.path(`${newId()}.bundle`);
    const has = [pair.before.tip, pair.before.head];
    const size = await writeBundle(far, { ref: 'refs/skein/tip', has, file }, {});
    if (size !== undefined) await receive(home.root, { file, tip: held.tip }, {});
    await put({ id: pair.id, root: home.root, before: pair.before, to: held, also }, {});
    await putRecorded(home.root, pair.id, {});
    pair.before = held;
    return held;
  };
  return Object.assign(pair, { bring });
}

/** Every file that is not ignored: what it is and what is in it. */
function filesOf(dir: string): Record<string, string> {
  const names = fs.readdirSync(dir, { recursive: true, withFileTypes: true });
  return Object.fromEntries(
    names.flatMap((entry) => {
      const file = path.join(entry.parentPath, entry.name);
      const name = path.relative(dir, file);
      if (entry.isDirectory() || /^(\.git|ignored)(\/|$)/.test(name)) return [];
      if (entry.isSymbolicLink()) return [[name, `-> ${fs.readlinkSync(file)}`]];
      const mode = fs.statSync(file).mode & 0o111 ? 'x' : '-';
      return [[name, `${mode} ${fs.readFileSync(file, 'latin1')}`]];
    }),
  );
}

const NAMES = ['a.txt', 'src/b.txt', 'src/c d.txt', 'new/é.bin', 'src', 'ignored/x', 'deep/er/f'];
const ACT = fc.oneof(
  fc.record({
    act: fc.constant('write' as const),
    name: fc.constantFrom(...NAMES),
    text: fc.string({ unit: 'binary', maxLength: 20 }),
  }),
  fc.record({
    act: fc.constantFrom('remove' as const, 'exec' as const, 'link' as const),
    name: fc.constantFrom(...NAMES),
  }),
  fc.record({
    act: fc.constantFrom('rename' as const),
    name: fc.constantFrom(...NAMES),
    to: fc.constantFrom(...NAMES),
  }),
  fc.record({
    act: fc.constantFrom(
      'stage' as const,
      'commit' as const,
      'amend' as const,
      'reset' as const,
      'bring' as const,
    ),
  }),
);

describe('a tree that is brought back', () => {
  test('[W5] is here what it is there, whatever was done there in between', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(ACT, { maxLength: 14 }), async (acts) => {
        const two = await pair();
        const { far, root } = two;
        for (const one of [...acts, { act: 'bring' as const }]) {
          const file = 'name' in one ? path.join(far, one.name) : '';
          try {
            if (one.act === 'write') repos.write(far, one.name, one.text);
            else if (one.act === 'remove') fs.rmSync(file, { recursive: true, force: true });
            else if (one.act === 'exec') fs.chmodSync(file, 0o755);
            else if (one.act === 'link') fs.symlinkSync('a.txt', file);
            else if (one.act === 'rename') fs.renameSync(file, path.join(far, one.to));
            else if (one.act === 'stage') repos.git(far, 'add', '-A');
            else if (one.act === 'reset') repos.git(far, 'reset', '-q', '--soft', 'HEAD~1');
            else if (one.act === 'commit') repos.git(far, 'commit', '-qam', 'More');
            else if (one.act === 'amend')
              repos.git(far, 'commit', '-qa', '--amend', '-m', `Better ${newId()}`);
          } catch {
            // Not everything can be done at all times.
          }
          if (one.act !== 'bring') continue;
          const { head } = await two.bring();
          expect(filesOf(root)).toEqual(filesOf(far));
          expect(repos.git(root, 'rev-parse', 'HEAD')).toBe(head);
          expect(repos.git(root, 'rev-parse', '--abbrev-ref', 'HEAD')).toMatch(/^skein\//);
          expect((await snapshotOf(root, {})).tip).toBe(two.before.tip);
        }
        repos.destroy();
        fs.mkdirSync(repos.home, { recursive: true });
      }),
      { numRuns: 25 },
    );
  }, 120_000);

  test('[W5] never goes over what was done here, and says what that is', async () => {
    const two = await pair();
    repos.write(two.far, 'a.txt', 'theirs');
    await two.bring();
    repos.write(two.root, 'mine.txt', 'mine');
    repos.write(two.far, 'a.txt', 'theirs again');
    await expect(two.bring()).rejects.toMatchObject({ code: 'work_left', data: { paths: ['mine.txt'] } });
    expect(fs.readFileSync(path.join(two.root, 'a.txt'), 'utf8')).toBe('theirs');
    repos.git(two.root, 'add', '-A');
    repos.git(two.root, 'commit', '-qm', 'Mine');
    await expect(two.bring()).rejects.toMatchObject({ code: 'work_left' });
    repos.git(two.root, 'switch', '-q', '-c', 'mine');
    await expect(two.bring()).rejects.toMatchObject({ code: 'work_left' });
  });

  test('[W5] comes over what a landing has made of it, committed or landed', async () => {
    const two = await pair();
    repos.write(two.far, 'a.txt', 'theirs');
    await two.bring();
    // As landing begins; and as it ends, where its branch goes on from.
    repos.git(two.root, 'commit', '-qam', 'Work of it');
    repos.write(two.far, 'c.txt', 'more');
    await two.bring();
    expect(filesOf(two.root)).toEqual(filesOf(two.far));
    const landed = repos.commit(two.up, 'elsewhere.txt');
    repos.git(two.root, 'clean', '-qfd');
    repos.git(two.root, 'reset', '-q', '--hard', landed);
    repos.write(two.far, 'd.txt', 'and more');
    await expect(two.bring()).rejects.toMatchObject({ code: 'work_left' });
    await two.bring([landed]);
    expect(filesOf(two.root)).toEqual(filesOf(two.far));
  });

  test('[W5] [K4] that was cut off in the middle is gone on with, and what was found is kept', async () => {
    const two = await pair();
    repos.write(two.far, 'a.txt', 'theirs');
    repos.commit(two.far, 'c.txt');
    const held = await snapshotOf(two.far, {});
    // As far as its files have come in part.
    repos.git(two.root, 'fetch', '-q', two.far, 'HEAD');
    repos.git(two.root, 'update-ref', farRefs(two.id).next, held.tip);
    repos.write(two.root, 'c.txt', 'c.txt\n');
    await two.bring();
    expect(filesOf(two.root)).toEqual(filesOf(two.far));
    const found = repos.git(two.root, 'rev-parse', farRefs(two.id).found);
    expect(repos.git(two.root, 'show', `${found}:c.txt`)).toBe('c.txt');
  });

  test('[W5] of submodules has the commits that they are at', async () => {
    const two = await pair();
    const sub = repos.repository('sub');
    repos.git(two.far, 'submodule', '--quiet', 'add', sub, 'lib');
    repos.git(two.far, 'commit', '-qm', 'Add lib');
    await two.bring();
    expect(repos.git(two.root, 'ls-tree', 'HEAD', 'lib')).toContain(repos.git(sub, 'rev-parse', 'HEAD'));
    expect(repos.git(two.root, 'status', '--porcelain')).toBe('');
  });
});
