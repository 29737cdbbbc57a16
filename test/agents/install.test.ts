/** Bringing agent programs into the cache: whole or not there, once, and told why when absent. A script plays npm. */
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { installAgent } from '../../scripts/agents/install.ts';
import { agentCache, agentDirectory, agentPath } from '../../scripts/agents/places.ts';

let home: string;
let env: NodeJS.ProcessEnv;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'skein-agents-'));
  env = { XDG_CACHE_HOME: home, PATH: `${join(home, 'bin')}${delimiter}${process.env.PATH}` };
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

/** An npm that leaves some files and then does as told. */
function npm(end: string): void {
  const path = join(home, 'bin', 'npm');
  mkdirSync(join(home, 'bin'), { recursive: true });
  const bin = 'node_modules/.bin/claude';
  writeFileSync(
    path,
    `#!/bin/sh\nmkdir -p node_modules/.bin\necho '#!/bin/sh' > ${bin}\nchmod +x ${bin}\n${end}\n`,
  );
  chmodSync(path, 0o755);
}

const install = (force = false) => installAgent('claude', { force, progress: () => {}, env });

test('an agent that is not there says how to get it', () => {
  expect(agentPath('claude', env).missing).toMatch(/^claude \S+ is not installed: npm run agents:install$/);
  expect(agentPath('codex-acp', env).missing).toMatch(/npm run agents:install -- codex-acp$/);
});

test('an install is found, is not repeated, and is replaced when that is asked', async () => {
  npm('');
  expect((await install()).fetched).toBe(true);
  expect(agentPath('claude', env).path).toBe(join(agentDirectory('claude', env), 'node_modules/.bin/claude'));
  expect((await install()).fetched).toBe(false);
  expect((await install(true)).fetched).toBe(true);
  expect(readdirSync(agentCache(env))).toHaveLength(1);
});

test('an install that fails leaves nothing and tells what npm said', async () => {
  npm('echo no such version >&2; exit 1');
  await expect(install()).rejects.toThrow(/no such version/);
  expect(readdirSync(agentCache(env))).toEqual([]);
});

test('two at once both end well, with one copy', async () => {
  npm('');
  const both = await Promise.all([install(), install()]);
  expect(both.map(({ installed }) => installed.program)).toEqual(Array(2).fill('node_modules/.bin/claude'));
  expect(readdirSync(agentCache(env))).toHaveLength(1);
});

test('what a killed install left is taken away by the next', async () => {
  npm('');
  const left = `.${agentDirectory('claude', env).split('/').at(-1)}.999999999.tmp`;
  mkdirSync(join(agentCache(env), left), { recursive: true });
  await install();
  expect(readdirSync(agentCache(env))).toHaveLength(1);
});
