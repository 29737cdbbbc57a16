/** What the user has configured, and what is refused about it. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { detachKeys } from './config.ts';

const dir = mkdtempSync('/tmp/skh-');
afterAll(() => rmSync(dir, { recursive: true, force: true }));

test('the detach keys come from the environment, else from config.json, else they are C-\\ d', () => {
  const bytes = (env: NodeJS.ProcessEnv) => detachKeys(dir, env).map((key) => key.byte);
  expect(bytes({})).toEqual([0x1c, 0x64]);
  writeFileSync(join(dir, 'config.json'), '{"detach": "C-a d"}');
  expect(bytes({})).toEqual([0x01, 0x64]);
  expect(bytes({ SKEIN_DETACH: 'C-q' })).toEqual([0x11]);
  for (const wrong of ['{"detach": 5}', 'no json', '[1', '"text"']) {
    writeFileSync(join(dir, 'config.json'), wrong);
    expect(() => detachKeys(dir, {}), wrong).toThrowError(expect.objectContaining({ code: 'bad_request' }));
  }
});
