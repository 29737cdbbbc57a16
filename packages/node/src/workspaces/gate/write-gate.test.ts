/** The gate on a real disk and in a real log: who may write what, and what they are told (rules W2, W3). */
import fs from 'node:fs';
import path from 'node:path';
import { newId } from '@skein/protocol/ids';
import { afterEach, describe, expect, test } from 'vitest';
import type { Verdict, Writer } from '../gate.ts';
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

/** Resolves when all that a writer was told to end or read before is done. */
const settled = (site: Site, writer: Writer) => site.gate.begin(writer, 'settled', ['/outside']);

describe('claims', () => {
  test('[W2] the first write takes the path, and others are refused with words until the turn ends', async () => {
    const site = await made();
    const [ada, bob] = [await site.enter('ada'), await site.enter('bob')];
    expect(site.gate.look(ada, ['src/x'])).toBeUndefined();
    const first = await site.gate.begin(ada, 'c1', ['src/x', 'src/y']);
    expect(first).toEqual({ ok: true, fence: 1 });
    expect(await site.gate.begin(ada, 'c1', ['src/x', 'src/y'])).toEqual(first);
    const refused = site.gate.look(bob, ['src/x']);
    expect(refused).toMatchObject({ why: 'held', paths: ['src/x'], holder: { run: ada.run } });
    expect(refused?.message).toBe(
      "Not written: src/x is claimed by adas/ada, until its turn ends. Work on something else meanwhile; or wait for it, in a shell: skein claim 'src/x' --wait; or ask whoever has it: skein prompt adas/ada '…'",
    );
    expect(site.gate.look(bob, ['src/z'])).toBeUndefined();
    expect(why(await site.gate.begin(bob, 'c2', ['src/z', 'src/x']))).toBe('held');
    site.gate.end(ada, 'c1');
    await settled(site, ada);
    expect((await site.state()).runs[ada.run]?.calls).toEqual({});
    expect(why(await site.gate.begin(bob, 'c2', ['src/x']))).toBe('held');
    await site.tell('turn.ended', { run: ada.run });
    expect(why(await site.gate.begin(bob, 'c2', ['src/x']))).toBe('ok');
  });

  test('[W2] paths outside of the workspace are let through, and ask for nothing', async () => {
    const site = await made();
    const ada = await site.enter('ada');
    await site.claim(null, '**');
    expect(await site.gate.begin(ada, 'c', ['/etc/hosts', '../x'])).toEqual({ ok: true, fence: 0 });
    expect((await site.state()).runs[ada.run]?.calls).toEqual({});
  });

  test('[W2] where there is no such workspace, or the program is not in it, nothing is let through', async () => {
    const site = await made();
    const ada = await site.enter('ada');
    expect(why(await site.gate.begin({ ...ada, workspace: newId() }, 'c', ['x']))).toBe('unclear');
    expect(why(await site.gate.begin({ ...ada, run: newId() }, 'c', ['x']))).toBe('unclear');
    expect(site.gate.look({ ...ada, run: newId() }, ['x'])?.why).toBe('unclear');
  });

  test('[W2] a strict workspace takes nothing by itself', async () => {
    const site = await made({ strict: true });
    const ada = await site.enter('ada');
    const refused = await site.gate.begin(ada, 'c', ['src/x']);
    expect(refused).toMatchObject({ ok: false, refused: { why: 'strict', paths: ['src/x'] } });
    await site.claim(ada, 'src/**');
    expect(await site.gate.begin(ada, 'c', ['src/x'])).toEqual({ ok: true, fence: 1 });
  });

  test('[W2] a directory is everything in it, and where it is moved is too', async () => {
    const site = await made();
    const [ada, bob] = [await site.enter('ada'), await site.enter('bob')];
    site.write('src/deep/x', '');
    await site.claim(bob, 'src/deep/x', 'new/deep/y');
    expect(why(await site.gate.begin(ada, 'c', ['src']))).toBe('held');
    expect(why(await site.gate.begin(ada, 'c', ['src/deep', 'other']))).toBe('held');
    site.write('lib/z', '');
    // A rename across claims is held against both its ends.
    expect(why(await site.gate.begin(ada, 'c', ['lib', 'new']))).toBe('held');
    expect(why(await site.gate.begin(ada, 'c', ['lib', 'newer']))).toBe('ok');
    expect(why(await site.gate.begin(ada, 'd', ['lib/z', 'src/deep/x']))).toBe('held');
    expect(why(await site.gate.begin(bob, 'e', ['newer/z']))).toBe('held');
    expect(why(await site.gate.begin(bob, 'e', ['.']))).toBe('held');
    expect(why(await site.gate.begin(bob, 'e', [path.dirname(site.root)]))).toBe('held');
  });

  test('[W2] in a workspace that it is not in, a writer takes nothing, and is told what others hold', async () => {
    const site = await made();
    const [ada, bob] = [await site.enter('ada'), await site.enter('bob')];
    fs.mkdirSync(site.at('inner'));
    const inner = await site.another(site.at('inner'));
    const away = path.join(site.dir, 'away');
    fs.mkdirSync(away);
    const other = await site.another(away);
    await site.claim({ workspace: inner }, 'x');
    await site.claim({ workspace: other }, 'y', 'dir/**');
    for (const one of ['inner/x', 'inner', `${away}/y`, `${away}/dir/z`, away]) {
      expect([one, site.gate.look(ada, [one])?.why]).toEqual([one, 'held']);
      expect([one, why(await site.gate.begin(ada, 'c', [one]))]).toEqual([one, 'held']);
    }
    expect(site.gate.look(ada, [`${away}/y`])?.message).toContain(
      `lies in the workspace "w${other}", which is not yours`,
    );
    expect(why(await site.gate.writeText(ada, 'c', `${away}/y`, ''))).toBe('held');
    expect(why(await site.gate.writeText(ada, 'c', `${away}/z`, 'free'))).toBe('ok');
    expect(fs.readdirSync(away)).toEqual(['z']);
    expect(await site.gate.begin(bob, 'c', [`${away}/z`])).toEqual({ ok: true, fence: 0 });
    expect(why(await site.gate.begin(bob, 'd', ['inner/z']))).toBe('ok');
  });

  test("[W2] what is git's own is changed by git alone, in submodules as well", async () => {
    const site = await made();
    const ada = await site.enter('ada');
    for (const one of ['.git/hooks/pre-commit', '.git', 'sub/.git/config', 'sub/.git', 'a/../.git/x'])
      expect([one, why(await site.gate.begin(ada, 'c', [one]))]).toEqual([one, 'git']);
    for (const one of ['.gitignore', 'x.git/y', '.github/z'])
      expect([one, why(await site.gate.begin(ada, one, [one]))]).toEqual([one, 'ok']);
  });
});

describe('escapes', () => {
  test('[W1] no name of a claimed file leads past its claim', async () => {
    const site = await made();
    const [ada, bob] = [await site.enter('ada'), await site.enter('bob')];
    site.write('src/x', 'x');
    site.write('sub/.git', 'gitdir: elsewhere');
    site.write('sub/y', 'y');
    site.write('line\nfeed', '');
    fs.symlinkSync('src', site.at('l'));
    fs.symlinkSync('l/x', site.at('direct'));
    fs.linkSync(site.at('src/x'), site.at('hard'));
    fs.symlinkSync(site.root, path.join(site.dir, 'back'));
    await site.claim(bob, 'src/*', 'sub/**', 'line\nfeed');
    const escapes = ['src/x', 'l/x', 'direct', 'l/../src/x', 'hard', 'sub/y', 'sub/new', 'line\nfeed'];
    const absolute = [`${site.dir}/back/src/x`, `${site.dir}/back/l/x`, `${site.root}//src/./x`];
    for (const one of [...escapes, ...absolute])
      expect([one, why(await site.gate.begin(ada, 'c', [one]))]).toEqual([one, 'held']);
    if (process.platform === 'linux')
      for (const one of [
        `/proc/self/root${site.root}/src/x`,
        '/proc/self/cwd/x',
        `/proc/${process.pid}/cwd/x`,
      ])
        expect([one, why(await site.gate.begin(ada, 'c', [one]))]).toEqual([one, 'unclear']);
    expect(site.gate.look(ada, ['hard'])?.message).toContain('hard is the same file as src/x (a hard link)');
    expect(site.gate.look(ada, ['line\nfeed'])?.message).toContain('"line\\nfeed" is claimed');
  });

  test('[W1] on a disk that folds case or Unicode, so does what is claimed', async () => {
    const site = await made({ folds: { case: true, unicode: true } });
    const [ada, bob] = [await site.enter('ada'), await site.enter('bob')];
    await site.claim(bob, 'src/Straße/é', 'Σς');
    for (const one of ['SRC/strasse/E\u0301', 'src/straße/É', 'σσ'])
      expect([one, why(await site.gate.begin(ada, 'c', [one]))]).toEqual([one, 'held']);
    expect(why(await site.gate.begin(ada, 'c', ['.GIT/config']))).toBe('git');
  });

  test('[W1] of a file with several names and too many claims it cannot be told', async () => {
    const site = await made();
    const [ada, bob] = [await site.enter('ada'), await site.enter('bob')];
    for (let n = 0; n < 5_000; n += 1) site.write(`many/${n}`, '');
    site.write('x', '');
    fs.linkSync(site.at('x'), path.join(site.dir, 'elsewhere'));
    expect(why(await site.gate.begin(ada, 'c1', ['x']))).toBe('ok');
    await site.claim(bob, 'many/**');
    expect(why(await site.gate.begin(ada, 'c2', ['x']))).toBe('unclear');
  });
});

describe('versions', () => {
  const change = async (site: Site, who: Writer, name: string, text: string) => {
    const verdict = await site.gate.begin(who, `w ${name} ${text}`, [name]);
    if (verdict.ok) site.write(name, text);
    site.gate.end(who, `w ${name} ${text}`);
    await site.tell('turn.ended', { run: who.run });
    return verdict;
  };

  test('[W3] what changed since it was read is refused with the difference, until it is read again', async () => {
    const site = await made();
    const [ada, bob] = [await site.enter('ada'), await site.enter('bob')];
    site.write('x', 'one\ntwo\nthree\n');
    site.gate.read(ada, 'x');
    await settled(site, ada);
    expect(why(await change(site, bob, 'x', 'one\nTWO\nthree\n'))).toBe('ok');
    await settled(site, bob);
    for (const _ of [1, 2]) {
      const stale = await change(site, ada, 'x', 'mine');
      expect(stale).toMatchObject({ ok: false, refused: { why: 'stale', paths: ['x'], holder: null } });
      expect(stale.ok ? '' : stale.refused.message).toBe(
        'Not written: x was changed by somebody else since you last read or wrote it. Read it again, then make your change on what is there now.\n\n' +
          '--- x as you knew it\n+++ x as it is now\n@@ -1,3 +1,3 @@\n one\n-two\n+TWO\n three\n',
      );
    }
    site.gate.read(ada, 'x');
    expect(why(await change(site, ada, 'x', 'one\nTWO\nthree!\n'))).toBe('ok');
    // Its own writing it knows.
    await settled(site, ada);
    expect(why(await change(site, ada, 'x', 'again'))).toBe('ok');
  });

  test('[W3] whoever is never known to read goes by what it was shown', async () => {
    const site = await made();
    const ada = await site.enter('ada', { tellsReads: false });
    const bob = await site.enter('bob');
    site.write('x', 'one\n');
    expect(why(await change(site, ada, 'x', 'two\n'))).toBe('ok');
    await settled(site, ada);
    expect(why(await change(site, bob, 'x', 'three\n'))).toBe('ok');
    await settled(site, bob);
    const stale = await change(site, ada, 'x', 'four\n');
    expect(stale.ok ? '' : stale.refused.message).toContain('-two\n+three\n');
    expect(why(await change(site, ada, 'x', 'four\n'))).toBe('ok');
  });

  test('[W3] what was removed, or made, is told so; what cannot be shown is not', async () => {
    const site = await made();
    const ada = await site.enter('ada');
    site.write('gone', 'x');
    fs.writeFileSync(site.at('bytes'), Buffer.from([0, 1, 2]));
    for (const one of ['gone', 'new', 'bytes']) site.gate.read(ada, one);
    await settled(site, ada);
    fs.rmSync(site.at('gone'));
    site.write('new', 'made\n');
    fs.writeFileSync(site.at('bytes'), Buffer.from([0, 1, 3]));
    const said = async (name: string) => {
      const verdict = await change(site, ada, name, 'y');
      return verdict.ok ? '' : verdict.refused.message;
    };
    expect(await said('gone')).toContain('gone was removed since you last read or wrote it');
    expect(await said('new')).toContain('was made by somebody else since you looked');
    expect(await said('new')).toContain('+made\n');
    expect(await said('bytes')).toContain('It is not text, or too long');
  });

  test('[W3] a file that changed while it was read is not known', async () => {
    const site = await made();
    const ada = await site.enter('ada');
    const began = Date.now();
    site.write('x', 'one\n');
    site.gate.read(ada, 'x', began);
    const doubted = await change(site, ada, 'x', 'two\n');
    expect(why(doubted)).toBe('stale');
    // What it saw is not known, so that all of it is shown.
    const said = doubted.ok ? '' : doubted.refused.message;
    expect(said).toContain('x changed while you read it, or just before.');
    expect(said).toContain('+one\n');
    site.gate.read(ada, 'x', Date.now() + 1_000);
    expect(why(await change(site, ada, 'x', 'two\n'))).toBe('ok');
  });

  test('[W3] a restart of the node forgets nothing, and the end of a run all of it', async () => {
    const site = await made();
    const [ada, bob] = [await site.enter('ada'), await site.enter('bob')];
    site.write('x', 'one\n');
    for (const who of [ada, bob]) {
      site.gate.read(who, 'x');
      await settled(site, who);
    }
    await site.gate.idle();
    await site.tell('run.left', { run: bob.run });
    await site.restart();
    site.write('x', 'two\n');
    const stale = await change(site, ada, 'x', 'three\n');
    expect(stale.ok ? '' : stale.refused.message).toContain('-one\n+two\n');
    await site.gate.idle();
    const cells = await site.kernel.cells(`workspace/${WORKSPACE}`, 'seen/');
    expect([...cells.keys()].every((key) => key.startsWith(`seen/${ada.run}/`))).toBe(true);
    expect(cells.size).toBe(1);
  });
});

test('[W2] calls that an earlier node let through are over when their run is', async () => {
  const site = await made();
  const ada = await site.enter('ada');
  expect(why(await site.gate.begin(ada, 'c', ['dir/x']))).toBe('ok');
  site.write(`dir/.skein-${'0'.repeat(16)}.new`, 'half');
  site.write('dir/mine', '');
  await site.restart();
  expect((await site.state()).runs[ada.run]?.calls).toEqual({});
  expect(fs.readdirSync(site.at('dir'))).toEqual(['mine']);
});
