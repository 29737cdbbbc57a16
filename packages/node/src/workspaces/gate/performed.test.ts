/** Files that the node reads and writes for agents: whole, under a fence, and nowhere else than where it was said (rules W1–W3). */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import { newId } from '@skein/protocol/ids';
import { LOCAL_OWNER } from '@skein/protocol/members/who';
import { afterEach, describe, expect, test } from 'vitest';
import { Swapped } from '../../platform/beneath.ts';
import type { Verdict } from '../gate.ts';
import { openToRead, replace, stampOf } from './node-files.ts';
import { Site, WORKSPACE } from './write-gate.fixture.ts';

const sites: Site[] = [];
afterEach(async () => {
  await Promise.all(sites.splice(0).map((site) => site.remove()));
});

async function made(more: Parameters<typeof Site.make>[0] = {}): Promise<Site> {
  const site = await Site.make(more);
  sites.push(site);
  return site;
}

const why = (verdict: Verdict) => (verdict.ok ? 'ok' : verdict.refused.why);
const code = (error: unknown) => (error as { code?: unknown }).code;

describe('reading', () => {
  test('[W3] a text is read as it is, whole or by lines, and is known from then on', async () => {
    const site = await made();
    const ada = await site.enter('ada');
    site.write('x', '\ufeffone\r\ntwo\n\nfour');
    const read = (part?: { line?: number; limit?: number }) => site.gate.readText(ada, site.at('x'), part);
    expect(await read()).toBe('\ufeffone\r\ntwo\n\nfour');
    expect(await read({ line: 2, limit: 2 })).toBe('two\n\n');
    expect(await read({ line: 4 })).toBe('four');
    expect(await read({ line: 9, limit: 1 })).toBe('');
    expect(await read({ limit: 0 })).toBe('');
    site.write('x', 'other\n');
    expect(await site.gate.writeText(ada, 'c', site.at('x'), 'mine\n')).toMatchObject({
      refused: { why: 'stale' },
    });
    await read();
    expect(why(await site.gate.writeText(ada, 'c', site.at('x'), 'mine\n'))).toBe('ok');
  });

  test('what cannot be read is told why', async () => {
    const site = await made();
    const ada = await site.enter('ada');
    fs.writeFileSync(site.at('bytes'), Buffer.from([0xff, 0xfe]));
    fs.writeFileSync(site.at('large'), Buffer.alloc(16 * 1024 * 1024 + 1, 'x'));
    fs.mkdirSync(site.at('dir'));
    const failure = (file: string) => site.gate.readText(ada, file).then(() => 'read', code);
    expect(await failure(site.at('none'))).toBe('not_found');
    expect(await failure(site.at('none/x'))).toBe('not_found');
    expect(await failure(site.at('bytes'))).toBe('not_allowed');
    expect(await failure(site.at('large'))).toBe('too_large');
    expect(await failure(site.at('dir'))).toBe('not_allowed');
    expect(await failure('/proc/self/environ')).toBe('not_allowed');
    expect(await failure(path.join(site.dir, 'home/identity'))).toBe('not_allowed');
    expect(await failure('/dev/zero')).toBe('not_allowed');
    expect(await failure('/etc/hostname')).toBe('read');
  });
});

describe('writing', () => {
  test('[W2] a write is whole, keeps the mode, makes directories, and leaves nothing beside', async () => {
    const site = await made();
    const ada = await site.enter('ada');
    site.write('run.sh', 'old');
    fs.chmodSync(site.at('run.sh'), 0o751);
    const before = fs.statSync(site.at('run.sh')).ino;
    expect(await site.gate.writeText(ada, 'c1', site.at('run.sh'), 'new')).toEqual({ ok: true, fence: 1 });
    expect(await site.gate.writeText(ada, 'c2', site.at('a/b/c.txt'), 'c')).toEqual({ ok: true, fence: 2 });
    expect([site.text('run.sh'), site.text('a/b/c.txt')]).toEqual(['new', 'c']);
    expect(fs.statSync(site.at('run.sh')).mode & 0o7777).toBe(0o751);
    expect(fs.statSync(site.at('run.sh')).ino).not.toBe(before);
    expect(fs.statSync(site.at('a/b/c.txt')).mode & 0o777).toBe(0o666 & ~process.umask());
    expect(fs.readdirSync(site.root, { recursive: true }).sort()).toEqual([
      'a',
      'a/b',
      'a/b/c.txt',
      'run.sh',
    ]);
    expect((await site.state()).runs[ada.run]?.calls).toEqual({});
  });

  test('[W2] the same again is the same as once, for a node that was killed before it had told', async () => {
    const site = await made();
    const ada = await site.enter('ada');
    expect(why(await site.gate.writeText(ada, 'c', site.at('x'), 'text'))).toBe('ok');
    const { ino } = fs.statSync(site.at('x'));
    expect(why(await site.gate.writeText(ada, 'c', site.at('x'), 'text'))).toBe('ok');
    // Killed after the rename, before anything of it was recorded but its begin.
    await site.tell('write.begin', { run: ada.run, call: 'd', paths: ['y'] });
    site.write('y', 'done');
    await site.restart({ over: false });
    expect(why(await site.gate.writeText(ada, 'd', site.at('y'), 'done'))).toBe('ok');
    expect(fs.statSync(site.at('x')).ino).toBe(ino);
    expect((await site.state()).runs[ada.run]?.calls).toEqual({});
  });

  test('[W2] what others hold is not written, nor what git has', async () => {
    const site = await made();
    const [ada, bob] = [await site.enter('ada'), await site.enter('bob')];
    site.write('x', 'theirs');
    site.write('.git/config', 'git');
    await site.claim(bob, 'x', 'held/**');
    for (const one of ['x', 'held/y'])
      expect(why(await site.gate.writeText(ada, 'c', site.at(one), 'mine'))).toBe('held');
    expect(why(await site.gate.writeText(ada, 'c', site.at('.git/config'), 'mine'))).toBe('git');
    expect([site.text('x'), site.text('.git/config'), fs.existsSync(site.at('held'))]).toEqual([
      'theirs',
      'git',
      false,
    ]);
    expect(why(await site.gate.writeText(bob, 'c', site.at('x'), 'mine'))).toBe('ok');
  });

  test('[W2] a link is followed as the system does, and what it leads to is what is claimed', async () => {
    const site = await made();
    const [ada, bob] = [await site.enter('ada'), await site.enter('bob')];
    site.write('src/x', 'old');
    fs.symlinkSync('src/x', site.at('l'));
    fs.symlinkSync('src/new', site.at('dangling'));
    expect(why(await site.gate.writeText(ada, 'c', site.at('l'), 'new'))).toBe('ok');
    expect(why(await site.gate.writeText(ada, 'd', site.at('dangling'), 'new'))).toBe('ok');
    expect([site.text('src/x'), site.text('src/new')]).toEqual(['new', 'new']);
    expect([fs.readlinkSync(site.at('l')), fs.readlinkSync(site.at('dangling'))]).toEqual([
      'src/x',
      'src/new',
    ]);
    expect(why(await site.gate.writeText(bob, 'e', site.at('l'), 'bob'))).toBe('held');
    expect(why(await site.gate.writeText(bob, 'e', site.at('src/x'), 'bob'))).toBe('held');
  });

  test('what cannot be written is told why', async () => {
    const site = await made();
    const ada = await site.enter('ada');
    fs.mkdirSync(site.at('dir'));
    site.write('file', '');
    const failure = (file: string, text = 'x') =>
      site.gate.writeText(ada, 'c', file, text).then((verdict) => why(verdict), code);
    expect(await failure(site.at('dir'))).toBe('not_allowed');
    expect(await failure(site.root)).toBe('not_allowed');
    expect(await failure(site.at('big'), 'x'.repeat(16 * 1024 * 1024 + 1))).toBe('too_large');
    expect(await failure(site.at('file/x'))).toBe('unclear');
    expect(await failure(path.join(site.dir, 'home/x'))).toBe('not_allowed');
    expect(await failure(path.join(site.dir, 'outside'))).toBe('ok');
    expect(fs.readFileSync(path.join(site.dir, 'outside'), 'utf8')).toBe('x');
    expect((await site.state()).runs[ada.run]?.calls).toEqual({});
  });

  test('[W2] once a claim is stolen and that is told, its holder writes no more, wherever its write had come to', async () => {
    const site = await made();
    const ada = await site.enter('ada', {}, 'enforced');
    const told: Verdict[] = [];
    for (let round = 0; round < 12; round += 1) {
      const [file, call] = [`f${round}`, `c${round}`];
      const writing = site.gate.writeText(ada, call, site.at(file), `${round}`.repeat(2 ** (8 + round)));
      await site.until(({ runs }) => runs[ada.run]?.calls[call] !== undefined || told.length > round);
      const steal = { claim: newId(), globs: [file], steal: { reason: 'mine now' } };
      const id = { client: 'thief', seq: round + 1 };
      const command = { id, target: `workspace/${WORKSPACE}`, type: 'claim.take', body: steal };
      const reply = await site.kernel.execute(LOCAL_OWNER, command);
      expect(reply.ok).toBe(true);
      const then = fs.existsSync(site.at(file));
      const verdict = await writing;
      told.push(verdict);
      expect([file, fs.existsSync(site.at(file))]).toEqual([file, then]);
      expect(verdict.ok).toBe(then);
      if (!verdict.ok) expect(verdict.refused).toMatchObject({ why: 'held', holder: { kind: 'person' } });
    }
    expect(told.some(({ ok }) => !ok)).toBe(true);
    expect(fs.readdirSync(site.root).every((name) => name.startsWith('f'))).toBe(true);
  });
});

/** Makes `d` a directory and a link to `held` in turn, and `d/x` a file and a link to it, as fast as it can. */
const SWAPPER = `
const fs = require('node:fs');
const attempt = (f) => { try { f(); } catch {} };
const pause = (most) => { for (const end = performance.now() + Math.random() * most; performance.now() < end; ); };
fs.writeSync(1, 'x');
for (;;) {
  fs.rmSync('kept', { recursive: true, force: true });
  attempt(() => fs.renameSync('d', 'kept'));
  attempt(() => fs.symlinkSync('held', 'd'));
  pause(0.1);
  attempt(() => fs.unlinkSync('d'));
  attempt(() => fs.renameSync('kept', 'd'));
  pause(2);
  attempt(() => fs.symlinkSync('../held/y', 'd/l'));
  attempt(() => fs.renameSync('d/l', 'd/x'));
  attempt(() => fs.unlinkSync('d/x'));
  pause(2);
}`;

async function swapping<T>(root: string, work: () => Promise<T>): Promise<T> {
  const swapper = spawn(process.execPath, ['-e', SWAPPER], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    await once(swapper.stdout, 'data');
    return await work();
  } finally {
    swapper.kill('SIGKILL');
    await once(swapper, 'exit');
  }
}

describe('while links are swapped', () => {
  test('[W1] no write lands behind a link, in thousands of rounds', async () => {
    const site = await made();
    for (const dir of ['d', 'held']) fs.mkdirSync(site.at(dir));
    site.write('held/mine', 'mine');
    const came = { done: 0, changed: 0, swapped: 0, missing: 0 };
    await swapping(site.root, async () => {
      for (let round = 0; round < 3_000; round += 1) {
        try {
          const opened = openToRead(site.root, 'd/x');
          if (opened) fs.closeSync(opened.fd);
          const stamp = stampOf(opened ? opened.stat : undefined);
          const replaced = await replace(site.root, 'd/x', Buffer.from(`${round}`), stamp, () => undefined);
          came[replaced.done ? 'done' : 'changed'] += 1;
        } catch (error) {
          came[error instanceof Swapped ? 'swapped' : 'missing'] += 1;
        }
      }
    });
    expect(fs.readdirSync(site.at('held'))).toEqual(['mine']);
    expect(site.text('held/mine')).toBe('mine');
    expect(came.done).toBeGreaterThan(0);
    expect(came.swapped).toBeGreaterThan(0);
  });

  test('[W2] nothing that others hold is written, nor let through', async () => {
    const site = await made();
    const [ada, bob] = [await site.enter('ada'), await site.enter('bob')];
    for (const dir of ['d', 'held']) fs.mkdirSync(site.at(dir));
    site.write('held/mine', 'mine');
    await site.claim(bob, 'held/**');
    const came: Record<string, number> = {};
    await swapping(site.root, async () => {
      for (let round = 0; round < 300; round += 1) {
        const verdict = await site.gate
          .writeText(ada, `c${round}`, site.at('d/x'), `${round}`)
          .then(why, code);
        came[String(verdict)] = (came[String(verdict)] ?? 0) + 1;
      }
    });
    expect(fs.readdirSync(site.at('held'))).toEqual(['mine']);
    expect(site.text('held/mine')).toBe('mine');
    expect(came.ok).toBeGreaterThan(0);
    expect((await site.state()).runs[ada.run]?.calls).toEqual({});
    // Whatever it was let through to, it was its own.
    expect(
      Object.keys(came).every((one) => ['ok', 'held', 'unclear', 'stale', 'not_allowed'].includes(one)),
    ).toBe(true);
  });
});
