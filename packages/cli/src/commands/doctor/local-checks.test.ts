/** What the doctor says of a home that is not there yet. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { checkHome } from './local-checks.ts';

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
