/** What is told of the agents that there are (rule A3). */
import fs from 'node:fs';
import { expect, test } from 'vitest';
import { listDefinitions } from './list.ts';
import { makeSite } from './site.fixture.ts';
import { versionIn } from './versions.ts';

test('[A3] a list tells what is there, in which version, and why one cannot be used', async () => {
  const site = makeSite();
  const codex = site.program('codex', 'echo "codex-cli 0.169.0"');
  site.own('agents/broken.yaml', 'driver: acp\n');
  site.own('agents/Not a name.yaml', 'driver: acp\n');
  site.theirs('agents/ours.yaml', 'driver: acp\ncommand: codex\n');
  const where = { home: site.home, cwd: site.workspace, env: { PATH: site.bin } };
  const listed = Object.fromEntries((await listDefinitions(where)).map((one) => [one.name, one]));
  expect(Object.keys(listed)).toEqual(['claude', 'codex', 'opencode', 'gemini', 'broken', 'ours']);
  expect(listed.codex).toMatchObject({ found: true, version: '0.169.0', path: codex, source: 'built-in' });
  expect(listed.gemini).toMatchObject({ found: false, version: null, path: null });
  expect(listed.broken?.problem).toMatchObject({ code: 'definition_invalid', line: 1, column: 1 });
  expect(listed.ours).toMatchObject({ found: false, problem: { code: 'not_trusted' } });
});

test('[A3] a program is asked for its version again only when its file has changed', async () => {
  const site = makeSite();
  const count = `${site.home}/count`;
  const script = (version: string) => `echo x >> ${count}; echo ${version}`;
  const where = { home: site.home, cwd: site.workspace, env: site.env };
  const version = async () => (await listDefinitions(where)).find(({ name }) => name === 'codex')?.version;
  site.program('codex', script('1.0.0'));
  expect([await version(), await version()]).toEqual(['1.0.0', '1.0.0']);
  expect(fs.readFileSync(count, 'utf8')).toBe('x\n');
  site.program('codex', script('2.0.10'));
  expect(await version()).toBe('2.0.10');
});

test('[A3] one that fails to tell its version is there all the same', async () => {
  const site = makeSite();
  site.program('codex', 'echo 9.9.9; exit 3');
  const where = { home: site.home, cwd: site.workspace, env: site.env };
  const codex = (await listDefinitions(where)).find(({ name }) => name === 'codex');
  expect(codex).toMatchObject({ found: true, version: null });
});

test.each([
  ['2.1.197 (Claude Code)\n', '2.1.197'],
  ['codex-cli 0.170.0-alpha.1\n', '0.170.0-alpha.1'],
  ['\nsome tool\n', 'some tool'],
  ['\n', null],
])('the version in %j is %j', (said, version) => {
  expect(versionIn(said)).toBe(version);
});
