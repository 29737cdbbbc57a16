/** The last screen of a program: what of it can be had is kept (rule H5). */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { SkeinError } from '@skein/protocol/errors';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { keepFinal, readFinal } from './final-screen.ts';
import type { Form } from './screen-events.ts';

let dir: string;
beforeEach(() => {
  dir = fs.mkdtempSync(path.join(os.tmpdir(), 'sk-final-'));
});
afterEach(() => fs.rmSync(dir, { recursive: true, force: true }));

const without =
  (...missing: Form[]) =>
  async (form: Form) => {
    if (missing.includes(form)) throw new SkeinError('too_large', 'This screen is too large.');
    return { offset: 7, cols: 80, rows: 24, data: Buffer.from(`as ${form}`) };
  };

test('[H5] forms of a last screen that cannot be had are left out, and the others are kept', async () => {
  expect(await keepFinal(dir, without())).toMatchObject({ data: Buffer.from('as paint') });
  const whole = { offset: 7, cols: 80, rows: 24, text: 'as text', ansi: 'as ansi', paint: 'as paint' };
  expect(readFinal(dir)).toEqual(whole);
  expect(await keepFinal(dir, without('paint'))).toBe(undefined);
  expect(readFinal(dir)).toEqual({ ...whole, paint: '' });
  await keepFinal(dir, without('ansi'));
  expect(readFinal(dir)).toEqual({ ...whole, ansi: 'as text' });
});

test('[H5] where nothing can be had, nothing is kept', async () => {
  await keepFinal(dir, without('text', 'ansi', 'paint'));
  expect(readFinal(dir)).toBe(undefined);
});

test('[H5] what a disk refuses is kept once it has room', async () => {
  let again = () => {};
  fs.rmdirSync(dir);
  expect(await keepFinal(dir, without(), (keep) => (again = keep))).toMatchObject({ offset: 7 });
  expect(readFinal(dir)).toBe(undefined);
  fs.mkdirSync(dir);
  again();
  expect(readFinal(dir)).toMatchObject({ text: 'as text' });
});
