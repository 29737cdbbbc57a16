/** A string of more bytes than a program may be ahead of its screen, such as a file that is sent to the terminal (H2, H5). */

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Emulator } from './emulator.ts';

const SEGMENT = 4 * 1024 * 1024;

let home: string;
let emulator: Emulator;
let consumed: number[];
beforeEach(() => {
  home = mkdtempSync(path.join(os.tmpdir(), 'string-'));
  mkdirSync(path.join(home, 'journal'));
  consumed = [];
  emulator = new Emulator({ events: { progress: (_, offset) => consumed.push(offset) } });
});
afterEach(async () => {
  await emulator.stop();
  rmSync(home, { recursive: true, force: true });
});

function segment(n: number, bytes: string | Uint8Array): number {
  const start = n * SEGMENT;
  writeFileSync(path.join(home, 'journal', `${String(start).padStart(16, '0')}.raw`), bytes);
  return start + bytes.length;
}

const text = async () =>
  Buffer.from((await emulator.snapshot('a', 'text')).data)
    .toString()
    .trimEnd();

test('[H2] [H5] a string without an end counts as consumed while it goes on, and its screen stays what it was', async () => {
  const beginning = Buffer.alloc(SEGMENT, 'a');
  beginning.write('before\x1b]1337;File=:');
  segment(0, beginning);
  for (const n of [1, 2, 3, 4]) segment(n, Buffer.alloc(SEGMENT, 'a'));
  const end = segment(5, Buffer.alloc(1000, 'a'));
  await emulator.open({ run: 'a', dir: path.join(home, 'journal'), cols: 40, rows: 3, offset: 0 });
  emulator.advance('a', 2 * SEGMENT);
  // What a viewer is shown is as of the string's beginning, all of which is there for it to read.
  expect(await emulator.snapshot('a', 'text')).toMatchObject({ offset: 6 });
  expect(consumed.at(-1)).toBe(6);

  emulator.advance('a', end);
  expect(await text()).toBe('before');
  expect(consumed.at(-1)).toBe(end);
  await expect(emulator.idle('a', path.join(home, 'state'))).rejects.toMatchObject({ code: 'too_large' });

  const after = segment(5, `${'a'.repeat(1000)}\x07, and after`);
  emulator.advance('a', after);
  expect(await text()).toBe('before, and after');
  expect(consumed.at(-1)).toBe(after);
  expect(await emulator.idle('a', path.join(home, 'state'))).toBe(after);
}, 60_000);
