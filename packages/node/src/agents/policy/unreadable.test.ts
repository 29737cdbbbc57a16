/** Policies that cannot be read, or not be looked for: nothing is allowed then, and denials hold (rule A5). */
import fs from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { makeSite } from '../definitions/site.fixture.ts';
import { judging } from './judging.fixture.ts';

const SRC = 'rules:\n  - allow: {path: src/**}\n';

test('[A5] where it cannot be told whether there is a workspace, nothing is allowed, and denials hold', async () => {
  const site = makeSite();
  site.own('policy.yaml', `${SRC}  - deny: Write\n`);
  const { ask, edits } = await judging(site);
  expect(edits('src/a')).toBe('allow');
  // An agent can make this where it works.
  fs.symlinkSync('.skein', path.join(site.workspace, '.skein'));
  expect(edits('src/a')).toBeUndefined();
  expect(ask({ name: 'Write', paths: ['b'] })?.answer).toBe('deny');
  fs.rmSync(path.join(site.workspace, '.skein'));
  expect(edits('src/a')).toBe('allow');
});

test('[A5] a policy that is no file, or more than is read of one, allows nothing', async () => {
  const site = makeSite();
  const { edits } = await judging(site);
  site.own('agents/claude.yaml', 'driver: claude\ncommand: claude\npermissions: [{ allow: Edit }]\n');
  expect(edits('src/a')).toBe('allow');
  site.own('policy.yaml', `rules:\n${'  - allow: Edit\n'.padEnd(1024 * 1024, '#')}\n  - deny: Write\n`);
  expect(edits('src/a')).toBeUndefined();
  fs.rmSync(path.join(site.home, 'policy.yaml'));
  fs.mkdirSync(path.join(site.home, 'policy.yaml'));
  expect(edits('src/a')).toBeUndefined();
});
