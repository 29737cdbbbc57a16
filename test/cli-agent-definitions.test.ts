/** `skein agent` on the real program: what can be started, why it cannot, and what a workspace may bring (rules A3, A5). */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, realpathSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ListedDefinition } from '@skein/protocol/agents/asks';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Skein } from './support/cli.ts';
import { DIST } from './support/node-process.ts';

let skein: Skein;
let workspace: string;
let PATH: string;

beforeAll(() => {
  skein = new Skein();
  const root = realpathSync(join(skein.home, '..'));
  workspace = join(root, 'work');
  const bin = join(root, 'bin');
  for (const dir of [join(workspace, '.git'), join(workspace, '.skein/agents'), bin])
    mkdirSync(dir, { recursive: true });
  writeFileSync(join(bin, 'codex'), '#!/bin/sh\necho codex-cli 0.1.2\n', { mode: 0o755 });
  PATH = `${bin}:/usr/bin:/bin`;
  skein.env.PATH = PATH;
});
afterAll(() => skein.destroy());

/** As from a shell in the workspace. */
function inside(...args: string[]) {
  const [program, words] = skein.words(...args);
  const options = { cwd: workspace, env: skein.env, encoding: 'utf8' } as const;
  const { status, stdout, stderr } = spawnSync(program, words, options);
  return { status, stdout, stderr };
}

const listed = (): ListedDefinition[] => JSON.parse(inside('agent', 'ls', '--json').stdout);

describe('[A3] definitions', () => {
  test('ls tells which programs are there, and what to do about those that are not', () => {
    const all = Object.fromEntries(
      skein.json<ListedDefinition[]>('agent', 'ls').map((one) => [one.name, one]),
    );
    expect(all.codex).toMatchObject({ driver: 'codex', found: true, version: '0.1.2', source: 'built-in' });
    expect(all.gemini).toMatchObject({ driver: 'acp', found: false, version: null });
    const text = skein.run('agent', 'ls');
    expect(text).toMatch(/^NAME +DRIVER +PROGRAM/);
    expect(text).toContain('gemini: npm install -g @google/gemini-cli');
  });

  test('one is added, shown, checked and removed', () => {
    const source = join(workspace, 'mine.yaml');
    writeFileSync(source, 'driver: acp\ncommand: codex\nenv: {KEY: {from: SOME_KEY}}\n');
    const { file } = skein.json<{ file: string }>('agent', 'add', source);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(skein.json('agent', 'show', 'mine')).toMatchObject({
      source: file,
      definition: { driver: 'acp', command: 'codex', env: { KEY: { from: 'SOME_KEY' } } },
    });
    expect(skein.try(['agent', 'add', source]).stderr).toContain('name_taken');
    expect(skein.json('agent', 'add', source, '--force', '--name', 'mine')).toEqual({ name: 'mine', file });
    expect(skein.try(['agent', 'doctor', 'mine']).status).toBe(0);
    expect(skein.json('agent', 'rm', 'mine')).toEqual({ name: 'mine', file });
    expect(skein.try(['agent', 'rm', 'mine'])).toMatchObject({ status: 3 });
    expect(skein.try(['agent', 'doctor', 'gemini'])).toMatchObject({ status: 1 });
  });

  test('a template can be used as it is, and is told to be filled in', () => {
    expect(skein.run('agent', 'add', 'fresh', '--from-template')).toContain('skein agent doctor fresh');
    expect(skein.json('agent', 'show', 'fresh')).toMatchObject({ definition: { command: 'my-agent' } });
    skein.run('agent', 'rm', 'fresh');
  });

  test('what is wrong with a file is told with line, column and field, and nothing is added', () => {
    const source = join(workspace, 'bad.yaml');
    writeFileSync(source, 'driver: acp\ncommand: x\nrestart: {when: maybe}\n');
    const { status, stderr } = skein.try(['agent', 'add', source, '--json']);
    expect(status).toBe(2);
    expect(JSON.parse(stderr).error).toMatchObject({
      code: 'definition_invalid',
      data: { line: 3, column: 17, field: 'restart.when' },
    });
    expect(skein.try(['agent', 'show', 'bad']).status).toBe(3);
  });

  test("a workspace's is used only after its user has seen it and agreed, until it changes", () => {
    const file = join(workspace, '.skein/agents/ours.yaml');
    writeFileSync(file, 'driver: acp\ncommand: codex\nargs: [--theirs]\n');
    const ours = () => listed().find(({ name }) => name === 'ours');
    expect(ours()).toMatchObject({ found: false, problem: { code: 'not_trusted' } });
    // Nobody is there to be asked.
    expect(inside('agent', 'trust')).toMatchObject({ status: 5 });
    expect(ours()?.problem?.code).toBe('not_trusted');
    const { stdout, status } = inside('agent', 'trust', '--yes');
    expect(status).toBe(0);
    expect(stdout).toContain('agent "ours" (acp) runs: codex --theirs');
    expect(ours()).toMatchObject({ found: true, source: file });
    writeFileSync(file, 'driver: acp\ncommand: codex\nargs: [--others]\n');
    expect(ours()?.problem?.code).toBe('not_trusted');
    inside('agent', 'trust', '--yes');
    expect(inside('agent', 'trust', '--withdraw').status).toBe(0);
    expect(ours()?.problem?.code).toBe('not_trusted');
  });

  test('[A5] what was agreed to and is gone is told of, and can be agreed to or withdrawn', () => {
    const folder = join(workspace, '.skein');
    const policy = join(folder, 'policy.yaml');
    const doctor = () => inside('agent', 'doctor').stdout;
    writeFileSync(policy, 'rules: [{deny: Bash}]\n');
    inside('agent', 'trust', '--yes');
    expect(doctor()).not.toContain('agreed to');
    rmSync(policy);
    expect(doctor()).toContain(`skein agent trust ${workspace}`);
    expect(inside('agent', 'trust', '--yes').stdout).toContain('policy.yaml (gone');
    expect(doctor()).not.toContain('agreed to');
    writeFileSync(policy, 'rules: [{deny: Bash}]\n');
    inside('agent', 'trust', '--yes');
    renameSync(folder, `${folder}.away`);
    expect(doctor()).toContain(`skein agent trust ${workspace}`);
    expect(inside('agent', 'trust', '--withdraw')).toMatchObject({ status: 0 });
    expect(doctor()).not.toContain('agreed to');
    renameSync(`${folder}.away`, folder);
    rmSync(policy);
  });
});

test('[A5] a policy that is wrong is told of by the doctor', () => {
  const file = join(skein.home, 'policy.yaml');
  writeFileSync(file, 'rules:\n  - permit: {}\n');
  const { status, stdout } = skein.try(['agent', 'doctor']);
  expect(status).toBe(1);
  expect(stdout).toContain(`${file}:2:5`);
  writeFileSync(file, 'rules:\n  - deny: {path: ["**/.env"]}\n');
  expect(skein.try(['agent', 'doctor']).stdout).toMatch(/ok +policies +1 rule\n/);
});

test('the node begins without a reader of YAML, which is a bundle of its own', () => {
  const YAML = 'prettyErrors';
  expect(readFileSync(join(DIST, 'node.cjs'), 'utf8')).not.toContain(YAML);
  expect(readFileSync(join(DIST, 'definitions.cjs'), 'utf8')).toContain(YAML);
});
