/** What the doctor says of a home that is not there yet, and of disks that take nothing. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { mounts, needs } from '../../../../../test/support/needs.ts';
import { checkDisk, checkHome } from './local-checks.ts';

const dir = mkdtempSync('/tmp/skd-');
afterAll(() => rmSync(dir, { recursive: true, force: true }));

test('[K5] one that can be made is well, one below what is no directory is not', () => {
  expect(checkHome(join(dir, 'a/b'))).toMatchObject({ state: 'ok' });
  writeFileSync(join(dir, 'file'), '');
  expect(checkHome(join(dir, 'file/a/b'))).toMatchObject({
    state: 'fail',
    message: expect.stringContaining(`${join(dir, 'file')} is not a directory`),
  });
});

needs(mounts)('a disk that takes nothing', () => {
  test('[K5] a disk that is read-only, or has no inode left, is told as that, and never as one to make room on or to chmod', () => {
    const home = join(dir, 'disk');
    mkdirSync(home);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=200m,nr_inodes=3,mode=700', 'none', home]);
    try {
      expect(checkDisk(home)).toMatchObject({ state: 'warn' });
      expect(readdirSync(home)).toEqual([]);
      for (const name of ['a', 'b']) writeFileSync(join(home, name), '');
      const inode = { state: 'fail', message: expect.stringContaining('no inode') };
      expect(checkDisk(home)).toMatchObject(inode);
      execFileSync('mount', ['-o', 'remount,ro', home]);
      expect(checkHome(home)).toMatchObject({ state: 'ok' });
      expect(checkDisk(home)).toMatchObject({
        state: 'fail',
        message: expect.stringContaining('read-only'),
        advice: expect.stringContaining('Mount it for writing'),
      });
    } finally {
      execFileSync('umount', [home]);
    }
  });
});
