/** What is started for a definition: the program, its arguments, its environment (rule A3). */
import fs from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import type { StartSpec } from '../../drivers/driver.ts';
import { launchOf } from './launch.ts';
import { resolveDefinition } from './resolve.ts';
import { makeSite, type Site } from './site.fixture.ts';

const definitionOf = (site: Site, name: string) =>
  resolveDefinition(name, { home: site.home, cwd: site.workspace }).definition;
const start = ({ workspace }: Site): StartSpec => ({
  run: 'r1',
  cwd: workspace,
  client: { name: 'skein', version: '0' },
});

test("[A3] the program is found on the PATH that it will have; its arguments are the definition's, the agent's, the driver's", () => {
  const site = makeSite();
  const program = site.program('claude');
  const definition = definitionOf(site, 'claude');
  const { argv, driver, env } = launchOf(
    { ...definition, args: ['--one'] },
    { start: { ...start(site), model: 'small' }, args: ['--two'] },
    { ...site.env, CLAUDECODE: '1', MINE: 'x' },
  );
  expect(argv.slice(0, 4)).toEqual([program, '--one', '--two', '-p']);
  expect(argv.slice(-2)).toEqual(['--model', 'small']);
  expect({ driver, env }).toEqual({
    driver: 'claude',
    env: { ...site.env, MINE: 'x', DISABLE_AUTOUPDATER: '1' },
  });
});

test('[A3] a program that is missing is told with what to do', () => {
  const site = makeSite();
  const launch = () =>
    launchOf(definitionOf(site, 'gemini'), { start: start(site), args: [] }, { PATH: site.bin });
  expect(launch).toThrow(
    expect.objectContaining({
      code: 'agent_missing',
      data: expect.objectContaining({ install: 'npm install -g @google/gemini-cli' }),
    }),
  );
});

test('[A3] nothing is started out of the directory that the agent works in', () => {
  const site = makeSite();
  fs.writeFileSync(path.join(site.workspace, 'gemini'), '#!/bin/sh\n', { mode: 0o700 });
  const definition = definitionOf(site, 'gemini');
  const env = { PATH: `:.:${path.relative(process.cwd(), site.workspace)}` };
  expect(() => launchOf(definition, { start: start(site), args: [] }, env)).toThrow(
    expect.objectContaining({ code: 'agent_missing' }),
  );
});

test("[A3] secrets come from the caller's environment or a file, and are in the environment alone", () => {
  const site = makeSite();
  site.program('echo-agent');
  site.own('agents/key', 'from-file\n');
  site.own(
    'agents/mine.yaml',
    `driver: acp
command: echo-agent
args: [serve]
env:
  KEY: {from: THEIR_KEY}
  OTHER: {file: key}
  MAYBE: {from: NOT_SET, optional: true}
  GONE: null
  PLAIN: text
cwd: sub
options: {a: 1}
mode: plan
`,
  );
  const env = { ...site.env, THEIR_KEY: 'from-env', GONE: 'x', MAYBE: 'y' };
  const { env: made, ...told } = launchOf(definitionOf(site, 'mine'), { start: start(site), args: [] }, env);
  expect(made).toEqual({
    ...site.env,
    ...{ THEIR_KEY: 'from-env', KEY: 'from-env', OTHER: 'from-file', PLAIN: 'text' },
  });
  expect(JSON.stringify(told)).not.toMatch(/from-(env|file)/);
  expect(told).toMatchObject({ cwd: path.join(site.workspace, 'sub'), options: { a: 1 } });
});

test.each([
  ['{from: NOT_SET}', 'NOT_SET'],
  ['{file: nowhere}', 'nowhere'],
  ['{file: .}', '.'],
])('[A3] a secret that is not there (%s) is told before anything starts', (value, named) => {
  const site = makeSite();
  site.program('echo-agent');
  site.own('agents/mine.yaml', `driver: acp\ncommand: echo-agent\nenv: {KEY: ${value}}\n`);
  expect(() => launchOf(definitionOf(site, 'mine'), { start: start(site), args: [] }, site.env)).toThrow(
    expect.objectContaining({ code: 'agent_start_failed', message: expect.stringContaining(named) }),
  );
});

test('[A3] a relative command lies beside the definition, a workspace’s below the workspace', () => {
  const site = makeSite();
  const program = site.own('agents/bin/tool', '#!/bin/sh\n');
  fs.chmodSync(program, 0o700);
  site.own('agents/mine.yaml', 'driver: acp\ncommand: ./bin/tool\n');
  expect(launchOf(definitionOf(site, 'mine'), { start: start(site), args: [] }, {}).argv[0]).toBe(program);
});
