/** Admission tokens stay in a file for the owner alone (rule R3). */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { keepAdmission, readAdmissions } from './admissions.ts';

let dir: string;
beforeEach(() => {
  dir = fs.mkdtempSync(path.join(os.tmpdir(), 'sk-adm-'));
});
afterEach(() => fs.rmSync(dir, { recursive: true, force: true }));

test('[R3] a token is kept by the URL however that is written, replaced, and forgotten', () => {
  expect(readAdmissions(dir)).toEqual({});
  keepAdmission(dir, 'ws://h:1/', 'one');
  keepAdmission(dir, 'wss://other.example', 'x y');
  keepAdmission(dir, 'ws://h:1', 'two');
  expect(readAdmissions(dir)).toEqual({ 'ws://h:1': 'two', 'wss://other.example': 'x y' });
  expect(fs.statSync(path.join(dir, 'admissions')).mode & 0o777).toBe(0o600);
  keepAdmission(dir, 'ws://h:1', undefined);
  expect(readAdmissions(dir)).toEqual({ 'wss://other.example': 'x y' });
  expect(() => keepAdmission(dir, 'http://h', 'x')).toThrow(/ws:/);
});
