/** Repositories handed over and brought back: whole, sound, and nothing but what was meant (rules X4, W5). */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import { newId } from '@skein/protocol/ids';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { makeFiles } from '../making/make.ts';
import { Repos } from '../making/repos.fixture.ts';
import { writeBundle } from './bundle.ts';
import { HandedStore } from './handed-store.ts';
import { receive } from './receive.ts';
import { snapshotOf } from './snapshot.ts';

let repos: Repos;
beforeEach(() => {
  repos = new Repos();
});
afterEach(() => repos.destroy());

const PEER = '12D3KooWabc';
const WORKSPACE = 'aaaaaaaaaaaa';
const HANDING = { peer: PEER, workspace: WORKSPACE };

/** Hands over what a repository has, in pieces of `step` bytes. */
async function handOver(store: HandedStore, dir: string, ref = 'refs/heads/main', step = 1_000) {
  const tip = repos.git(dir, 'rev-parse', ref);
  const has = await store.has(HANDING, repos.git(dir, 'rev-list', ref).split('\n'));
  const file = repos.path(`${newId()}.bundle`);
  const size = await writeBundle(dir, { ref, has, file }, {});
  if (size === undefined) return { tip, size: 0 };
  const all = fs.readFileSync(file);
  const bundle = createHash('sha256').update(all).digest('hex');
  for (let at = 0; at < size; ) {
    const bytes = all.subarray(at, at + step);
    at = store.add({ ...HANDING, bundle, size, offset: at, bytes });
  }
  await store.take({ ...HANDING, bundle, tip });
  return { tip, size };
}

describe('what is handed over', () => {
  test('[X4] becomes a workspace on its branch, with its history, once however often it is made', async () => {
    const up = repos.repository();
    fs.writeFileSync(`${up}/run.sh`, '#!/bin/sh\n', { mode: 0o755 });
    fs.symlinkSync('a.txt', `${up}/link`);
    repos.commit(up, 'b.bin', '\0\x01');
    const store = new HandedStore(repos.home);
    const { tip: head } = await handOver(store, up);
    const source = {
      ...{ kind: 'handed' as const, home: PEER, node: 'laptop', workspace: WORKSPACE },
      ...{ head, branch: 'skein/up-claude' },
    };
    const wanted = repos.wanted(source);
    for (let n = 0; n < 2; n++) await makeFiles(wanted);
    const { root } = wanted;
    expect(repos.git(root, 'rev-parse', 'HEAD')).toBe(head);
    expect(repos.git(root, 'symbolic-ref', '--short', 'HEAD')).toBe('skein/up-claude');
    expect(repos.git(root, 'status', '--porcelain')).toBe('');
    expect(fs.statSync(`${root}/run.sh`).mode & 0o111).not.toBe(0);
    expect(fs.readlinkSync(`${root}/link`)).toBe('a.txt');
    expect(repos.git(root, 'rev-list', '--count', 'HEAD')).toBe('2');
    repos.git(root, 'fsck', '--full');
  });

  test('[X4] is not sent twice: of what is there already nothing, of what is new only that', async () => {
    const up = repos.repository();
    repos.commit(up, 'big.txt', Array.from({ length: 9_000 }, () => newId()).join('\n'));
    const store = new HandedStore(repos.home);
    const first = await handOver(store, up);
    expect((await handOver(store, up)).size).toBe(0);
    repos.commit(up, 'c.txt');
    const second = await handOver(store, up);
    expect(second.size).toBeGreaterThan(0);
    expect(second.size).toBeLessThan(first.size / 50);
  });

  test('[X4] goes on after a cut where it was, and a piece that comes twice changes nothing', async () => {
    const up = repos.repository();
    const store = new HandedStore(repos.home);
    const bytes = new Uint8Array(10);
    const piece = { ...HANDING, bundle: 'ab'.repeat(32), size: 20, offset: 0, bytes };
    expect(store.add(piece)).toBe(10);
    expect(store.add(piece)).toBe(10);
    expect(new HandedStore(repos.home).add({ ...piece, bytes: new Uint8Array() })).toBe(10);
    expect(() => store.add({ ...piece, offset: 10, bytes: new Uint8Array(11) })).toThrow('more were sent');
    store.add({ ...piece, offset: 10 });
    const taken = store.take({ ...HANDING, bundle: piece.bundle, tip: 'ab'.repeat(20) });
    await expect(taken).rejects.toMatchObject({ code: 'bad_request' });
    await handOver(store, up);
    await store.sweep(() => false, Date.now() + 2 * 3_600_000);
    expect(await store.has(HANDING, [repos.git(up, 'rev-parse', 'HEAD')])).toEqual([]);
  });
});

describe('what is kept of it', () => {
  const full = async (store: HandedStore, up: string) =>
    handOver(store, up).then(
      () => 'taken',
      (error) => error.code,
    );

  test('[X4] is bounded in sum, for each home of its own', async () => {
    const up = repos.repository();
    const big = () => repos.commit(up, 'big.txt', Array.from({ length: 3_000 }, () => newId()).join('\n'));
    big();
    const { size } = await handOver(new HandedStore(repos.home), up);
    const store = new HandedStore(repos.home, {}, 1.5 * size);
    big();
    expect(await full(store, up)).toBe('too_large');
    const piece = {
      workspace: WORKSPACE,
      bundle: 'cd'.repeat(32),
      size,
      offset: 0,
      bytes: new Uint8Array(9),
    };
    expect(store.add({ ...piece, peer: 'another' })).toBe(9);
    expect(await full(new HandedStore(repos.home, {}, 4 * size), up)).toBe('taken');
  });

  test('[X4] is not swept away while more of it is taken in', async () => {
    const up = repos.repository();
    const store = new HandedStore(repos.home);
    await handOver(store, up);
    repos.commit(up, 'c.txt');
    const coming = handOver(store, up);
    let over = false;
    void coming.finally(() => {
      over = true;
    });
    // At each moment of it that this process sees, by a store of the same place, as a node has several.
    while (!over) {
      const taking = fs.readdirSync(`${repos.home}/handed/${PEER}`).some((name) => name.endsWith('.part'));
      if (taking) await new HandedStore(repos.home).sweep(() => true);
      await new Promise(setImmediate);
    }
    const { tip } = await coming;
    expect(await store.has(HANDING, [tip])).toEqual([tip]);
  });
});

describe('what comes from elsewhere', () => {
  /** A repository, and another with one commit more, whose tree is whatever `mktree` is given. */
  function hostile(entries: (blob: string, tree: string) => string): {
    up: string;
    file: string;
    tip: string;
  } {
    const up = repos.repository();
    const other = repos.path('other');
    repos.git(repos.dir, 'clone', '-q', up, other);
    const head = repos.git(other, 'rev-parse', 'HEAD');
    const blob = repos.git(other, 'rev-parse', 'HEAD:a.txt');
    const tree = repos.git(other, 'rev-parse', 'HEAD^{tree}');
    // As nobody's git makes them.
    const raw = repos.path('tree.raw');
    fs.writeFileSync(raw, Buffer.from(entries(blob, tree), 'latin1'));
    const made = repos.git(other, 'hash-object', '--literally', '-t', 'tree', '-w', raw);
    const tip = repos.git(other, 'commit-tree', '-m', 'x', '-p', head, made);
    const pack = execFileSync('git', ['pack-objects', '--quiet', '--stdout'], {
      ...{ cwd: other, input: `${tip}\n${made}\n` },
    });
    const file = repos.path('x.bundle');
    const header = `# v2 git bundle\n-${head} \n${tip} refs/heads/main\n\n`;
    fs.writeFileSync(file, Buffer.concat([Buffer.from(header), pack]));
    return { up, file, tip };
  }
  const entry = (mode: string, name: string, hash: string) =>
    `${mode} ${name}\0${Buffer.from(hash, 'hex').toString('latin1')}`;

  test.each([
    ['.git', (_: string, tree: string) => entry('40000', '.git', tree)],
    ['..', (_: string, tree: string) => entry('40000', '..', tree)],
    ['a/b', (blob: string) => entry('100644', 'a/b', blob)],
    ['.GIT', (_: string, tree: string) => entry('40000', '.GIT', tree)],
    ['git~1', (_: string, tree: string) => entry('40000', 'git~1', tree)],
    ['.gitmodules that is a link', (blob: string) => entry('120000', '.gitmodules', blob)],
    ['twice the same', (blob: string) => entry('100644', 'a', blob) + entry('100644', 'a', blob)],
    ['an object that is nowhere', () => entry('100644', 'a', 'ab'.repeat(20))],
  ])('[X4] is refused for %s, and leaves nothing', async (_, entries) => {
    const { up, file, tip } = hostile(entries);
    const before = fs.readdirSync(`${up}/.git/objects`, { recursive: true }).sort();
    const refs = repos.git(up, 'for-each-ref');
    const came = receive(up, { file, tip, ref: 'refs/skein/far' }, {});
    await expect(came).rejects.toMatchObject({ code: 'bad_request' });
    expect(fs.readdirSync(`${up}/.git/objects`, { recursive: true }).sort()).toEqual(before);
    expect(repos.git(up, 'for-each-ref')).toBe(refs);
  });

  test('[X4] changes no ref but the one that is meant, whatever the bundle names', async () => {
    const up = repos.repository();
    const other = repos.path('other');
    repos.git(repos.dir, 'clone', '-q', up, other);
    const tip = repos.commit(other, 'b.txt');
    repos.git(other, 'tag', 'v1');
    const file = repos.path('x.bundle');
    repos.git(other, 'bundle', 'create', '-q', file, '--all');
    const before = repos.git(up, 'for-each-ref');
    await receive(up, { file, tip, ref: 'refs/skein/far/x' }, {});
    expect(repos.git(up, 'for-each-ref').replace(/\n?.*refs\/skein\/far\/x/, '')).toBe(before);
    expect(repos.git(up, 'rev-parse', 'refs/skein/far/x')).toBe(tip);
    const other2 = repos.path('y.bundle');
    fs.writeFileSync(other2, fs.readFileSync(file).subarray(0, -30));
    const cut = receive(up, { file: other2, tip }, {});
    await expect(cut).rejects.toMatchObject({ code: 'bad_request' });
    const absent = receive(up, { file, tip: 'ab'.repeat(20) }, {});
    await expect(absent).rejects.toMatchObject({ code: 'bad_request' });
  });
});

describe('a snapshot', () => {
  test('[W5] holds what is not committed, is the same for the same, and changes nothing', async () => {
    const up = repos.repository();
    repos.commit(up, 'instead');
    const clean = await snapshotOf(up, {});
    fs.rmSync(`${up}/instead`);
    expect(clean.tip).toBe(clean.head);
    repos.write(up, '.gitignore', 'ignored\n');
    repos.write(up, 'ignored', 'x');
    repos.write(up, 'new/file', 'x');
    repos.write(up, 'a.txt', 'changed');
    repos.git(up, 'add', 'a.txt');
    repos.git(repos.dir, 'init', '-q', `${up}/within`);
    repos.commit(`${up}/within`, 'z');
    repos.git(repos.dir, 'init', '-q', `${up}/with*out`);
    repos.write(up, 'with*out/y', 'y');
    repos.git(repos.dir, 'init', '-q', `${up}/instead`);
    repos.commit(`${up}/instead`, 'z');
    const status = repos.git(up, 'status', '--porcelain');
    const one = await snapshotOf(up, {});
    expect(await snapshotOf(up, {})).toEqual(one);
    expect(repos.git(up, 'status', '--porcelain')).toBe(status);
    expect(one).toMatchObject({
      head: clean.head,
      branch: 'main',
      doing: null,
      left: ['with*out', 'within', 'instead'],
    });
    const names = repos.git(up, 'ls-tree', '-r', '--name-only', one.tip).split('\n');
    expect(names).toEqual(['.gitignore', 'a.txt', 'new/file']);
    expect(repos.git(up, 'show', `${one.tip}:a.txt`)).toBe('changed');
  });
});
