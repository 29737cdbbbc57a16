/** Claims name paths as the disk has them: links are followed, and nothing outside the workspace is claimed (rule W1). */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { formatPattern, parsePattern } from '@skein/protocol/workspaces/patterns';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { realised } from './facts.ts';

let root: string;
beforeEach(() => {
  root = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'skein-facts-')));
  fs.mkdirSync(path.join(root, 'src/deep'), { recursive: true });
  fs.symlinkSync('src', path.join(root, 'link'));
  fs.symlinkSync('../..', path.join(root, 'src/deep/up'));
  fs.symlinkSync('/etc', path.join(root, 'out'));
  fs.symlinkSync('loop', path.join(root, 'loop'));
});
afterEach(() => fs.rmSync(root, { recursive: true, force: true }));

const of = (glob: string) => formatPattern(realised(root, parsePattern(glob)));

test.each([
  ['src/x.ts', 'src/x.ts'],
  ['link/x.ts', 'src/x.ts'],
  ['link/*.ts', 'src/*.ts'],
  ['link/**', 'src/**'],
  ['src/deep/up/link/new/file', 'src/new/file'],
  ['src/deep/up/**', '**'],
  ['*/x', '*/x'],
  ['**', '**'],
])('[W1] %s is %s', (glob, real) => expect(of(glob)).toBe(real));

test.each([
  ['out/passwd', 'leads out'],
  ['loop', 'cannot be told'],
  ['src/deep/up', 'itself'],
])('[W1] %s is refused, and it is told why', (glob, why) => expect(() => of(glob)).toThrow(why));
