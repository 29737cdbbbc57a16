/** What hosts run from is made whole or not at all, and leaves nothing where it could not be made (rule H1). */
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { mounts, needs } from '../../../../test/support/needs.ts';
import { ensureRuntime } from './runtime.ts';

const { execPath } = process;
let dir: string;
let home: string;
let bundle: string;

beforeEach(() => {
  dir = fs.mkdtempSync(path.join(os.tmpdir(), 'sk-runtime-'));
  home = path.join(dir, 'home');
  bundle = path.join(dir, 'bundle');
  fs.mkdirSync(bundle);
  for (const file of ['host.cjs', 'emulator-worker.cjs', 'pty.node'])
    fs.writeFileSync(path.join(bundle, file), file);
});
afterEach(() => {
  process.execPath = execPath;
  fs.rmSync(dir, { recursive: true });
});

const made = () => fs.readdirSync(path.join(home, 'runtimes'));

test('[H1] one that could not be made, as on a full disk, leaves nothing, however often it is tried', () => {
  process.execPath = path.join(dir, 'taken-away');
  for (let tries = 0; tries < 2; tries++) expect(() => ensureRuntime(home, bundle)).toThrow('ENOENT');
  expect(made()).toEqual([]);
  process.execPath = execPath;
  const { hash } = ensureRuntime(home, bundle);
  expect(made()).toEqual([hash]);
});

test('[H1] what a node left that was killed meanwhile goes before another is made', () => {
  fs.mkdirSync(path.join(home, 'runtimes/0123456789abcdef.4711.new'), { recursive: true });
  const { hash } = ensureRuntime(home, bundle);
  expect(made()).toEqual([hash]);
});

needs(mounts)('a small disk', () => {
  test('[H1] [K5] on a disk that it does not fit on, however empty, what it takes is told', () => {
    fs.mkdirSync(home, { recursive: true });
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=8m,mode=700', 'none', home]);
    try {
      const told = {
        code: 'storage_unavailable',
        message: expect.stringMatching(/takes \d\d+ MiB in .*8 MiB are free/),
      };
      expect(() => ensureRuntime(home, bundle)).toThrow(expect.objectContaining(told));
      expect(made()).toEqual([]);
    } finally {
      execFileSync('umount', [home]);
    }
  });
});
