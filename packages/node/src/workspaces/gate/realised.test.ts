/** Where paths lead, held against where the system takes them (rule W1). */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import * as fc from 'fast-check';
import { afterEach, expect, test } from 'vitest';
import { meant, type Place, realise } from './realised.ts';

const made: string[] = [];
afterEach(() => {
  for (const dir of made.splice(0)) fs.rmSync(dir, { recursive: true, force: true });
});

/** A workspace `in` beside a directory `out`, absolute and without links. */
function site(): { root: string; out: string } {
  const dir = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'skein-realised-')));
  made.push(dir);
  const [root, out] = [path.join(dir, 'in'), path.join(dir, 'out')];
  fs.mkdirSync(root);
  fs.mkdirSync(out);
  return { root, out };
}

const paths = (places: Place[] | undefined) => places?.map((one) => one.path);

test('[W1] a path is what it leads to, in the workspace or out of it', () => {
  const { root, out } = site();
  fs.mkdirSync(path.join(root, 'src/deep'), { recursive: true });
  fs.writeFileSync(path.join(root, 'src/f'), '');
  fs.symlinkSync('src', path.join(root, 'l'));
  fs.symlinkSync(out, path.join(root, 'away'));
  fs.symlinkSync(path.join(root, 'src'), path.join(out, 'back'));
  fs.symlinkSync('nowhere/x', path.join(root, 'dangling'));
  const at = (given: string) => paths(realise(root, root, given));
  for (const same of ['src/f', './src//f', 'l/f', `${out}/back/f`, 'l/deep/../f', '../in/src/f', 'src/f/'])
    expect([same, at(same)]).toEqual([same, ['src/f']]);
  expect(at('src/new/deep/er')).toEqual(['src/new/deep/er']);
  expect(at('away/x')).toEqual([]);
  expect(at('/etc/hosts')).toEqual([]);
  // A name that ends in a link is the link, if it is removed, and what it leads to, if it is written.
  expect(at('l')).toEqual(['src', 'l']);
  expect(at('away/')).toEqual(['away']);
  expect(at('dangling')).toEqual(['nowhere/x', 'dangling']);
  // Programs differ: those that take `..` away first mean the second.
  expect(at('l/deep/../../g')).toEqual(['g']);
  fs.symlinkSync(path.join(root, 'src/deep'), path.join(root, 'd'));
  expect(at('d/../g')).toEqual(['src/g', 'g']);
  // What holds the workspace is all of it.
  for (const above of ['.', '..', '/', root, `${root}/`]) expect(at(above)).toEqual(['']);
});

test('[W1] what cannot be told is told so', () => {
  const { root } = site();
  fs.symlinkSync('loop', path.join(root, 'loop'));
  fs.symlinkSync(Buffer.from([0x66, 0xff]), path.join(root, 'bytes'));
  fs.mkdirSync(path.join(root, 'a'));
  const unclear = [
    '',
    'a\0',
    'loop',
    'loop/x',
    'bytes',
    'file:///a',
    'a\ud800',
    'x/'.repeat(300),
    '*'.repeat(200).concat('/').repeat(15),
  ];
  for (const given of unclear) expect([given, realise(root, root, given)]).toEqual([given, undefined]);
  expect(paths(realise(root, root, 'a\nb\n'))).toEqual(['a\nb\n']);
});

test.runIf(process.platform === 'linux')(
  '[W1] links of procfs lead each process elsewhere: nobody is let through them',
  () => {
    const { root } = site();
    const fd = fs.openSync(root, 'r');
    const magic = [
      `/proc/self/root${root}/f`,
      `/proc/${process.pid}/root${root}/f`,
      `/proc/self/cwd/f`,
      `/proc/${process.ppid}/cwd/f`,
      `/proc/thread-self/cwd/f`,
      `/proc/${process.pid}/task/${process.pid}/root${root}/f`,
      `/proc/self/fd/${fd}/f`,
      `/dev/fd/${fd}/f`,
      '/dev/stdout',
    ];
    for (const given of magic) expect([given, realise(root, root, given)]).toEqual([given, undefined]);
    fs.closeSync(fd);
    expect(realise(root, root, '/proc/sys/kernel/hostname')).toEqual([]);
  },
);

test('[W1] a name that begins with ~ is taken both ways', () => {
  const { root } = site();
  expect(paths(realise(root, root, '~/x'))).toEqual(['~/x']);
  expect(paths(realise(os.homedir(), root, '~/x'))).toEqual(['x']);
});

test('[W1] the workspace is known under any name that its directory has', () => {
  const { root, out } = site();
  const moved = path.join(out, 'in');
  fs.renameSync(root, moved);
  fs.symlinkSync(moved, root);
  expect(paths(realise(root, root, 'src/f'))).toEqual(['src/f']);
  expect(paths(realise(root, root, `${moved}/src/f`))).toEqual(['src/f']);
});

test('[W1] what is there is told: a directory, a file of several names, or nothing', () => {
  const { root, out } = site();
  fs.mkdirSync(path.join(root, 'dir'));
  fs.writeFileSync(path.join(root, 'f'), '');
  fs.writeFileSync(path.join(root, 'g'), '');
  fs.linkSync(path.join(root, 'g'), path.join(out, 'h'));
  const is = (given: string) => realise(root, root, given)?.map((one) => [one.is, one.names?.count]);
  expect([is('dir'), is('f'), is('g'), is('x')]).toEqual([
    [['directory', undefined]],
    [['file', undefined]],
    [['file', 2]],
    [['nothing', undefined]],
  ]);
});

const name = fc.constantFrom('a', 'b', 'c', 'l', 'm', 'f', '.', '..', 'x', '');
const names = fc.array(name, { minLength: 1, maxLength: 7 });
const tree = fc.record({
  dirs: fc.array(fc.array(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 3 }), { maxLength: 5 }),
  links: fc.array(
    fc.record({
      at: fc.array(fc.constantFrom('a', 'b', 'c', 'l', 'm'), { minLength: 1, maxLength: 3 }),
      to: names,
      absolute: fc.boolean(),
      away: fc.boolean(),
    }),
    { maxLength: 6 },
  ),
});

test.runIf(process.platform === 'linux')(
  '[W1] on any tree of links, a file is opened where it was said to be',
  () => {
    let opened = 0;
    fc.assert(
      fc.property(tree, fc.array(names, { minLength: 5, maxLength: 20 }), ({ dirs, links }, given) => {
        const { root, out } = site();
        for (const dir of dirs) fs.mkdirSync(path.join(root, ...dir), { recursive: true });
        for (const { at, to, absolute, away } of links) {
          const target = absolute ? [away ? out : root, ...to].join('/') : to.join('/');
          try {
            const above = fs.realpathSync(path.join(root, ...at.slice(0, -1)));
            if (`${above}/`.startsWith(`${path.dirname(root)}/`))
              fs.symlinkSync(target || '.', path.join(above, at.at(-1) ?? ''));
          } catch {
            // Nothing to hold it, or there is something.
          }
        }
        for (const one of given) {
          const written = `./${one.join('/')}`;
          const said = realise(root, root, written);
          // Nothing is made outside of what is removed afterwards.
          if (meant(root, written)?.startsWith(`${path.dirname(root)}/`) !== true) continue;
          let fd: number;
          try {
            fd = fs.openSync(`${root}/${written}`, fs.constants.O_CREAT | fs.constants.O_RDWR);
          } catch {
            continue;
          }
          opened += 1;
          const real = fs.readlinkSync(`/proc/self/fd/${fd}`);
          fs.closeSync(fd);
          expect(meant(root, written)).toBe(real);
          if (real.startsWith(`${root}/`)) expect(paths(said)).toContain(real.slice(root.length + 1));
          else if (!written.includes('..') && said !== undefined) {
            // Only the link that leads away is in the workspace, if the path ends in one.
            expect(said.every((place) => place.is === 'link')).toBe(true);
          }
        }
        fs.rmSync(path.dirname(root), { recursive: true });
      }),
      { numRuns: 300 },
    );
    expect(opened).toBeGreaterThan(100);
  },
);
