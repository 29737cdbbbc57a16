/** Which file a definition's name means, and what is said of one that is wrong (rule A3). */
import fs from 'node:fs';
import path from 'node:path';
import { SkeinError } from '@skein/protocol/errors';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { resolveDefinition } from './resolve.ts';
import { makeSite, type Site } from './site.fixture.ts';
import { Trust, workspaceFiles } from './trust.ts';

const ECHO = 'driver: acp\ncommand: echo\n';
const agree = ({ home, workspace }: Site) => new Trust(home).agree(workspace, workspaceFiles(workspace));

function refusal(act: () => unknown): SkeinError {
  try {
    act();
  } catch (error) {
    return error as SkeinError;
  }
  throw new Error('It was not refused.');
}

test('[A3] four definitions come with Skein, whole and with what to do when the program is missing', () => {
  const { home, workspace: cwd } = makeSite();
  for (const name of ['claude', 'codex', 'opencode', 'gemini']) {
    const { definition, source } = resolveDefinition(name, { home, cwd });
    expect(source).toBe('built-in');
    expect(definition).toMatchObject({ name, resume: true, restart: { when: 'on-failure', most: 5 } });
    expect(definition.install).toContain('npm install');
  }
});

test('[A3] a file of the user stands in for a built-in one, and says so', () => {
  const site = makeSite();
  const where = { home: site.home, cwd: site.workspace };
  const file = site.own('agents/claude.yaml', `${ECHO}stuckAfter: 90s\nrestart: {when: never}\n`);
  const { definition, source, instead } = resolveDefinition('claude', where);
  expect({ source, instead }).toEqual({ source: file, instead: 'built-in' });
  expect(definition).toMatchObject({ command: 'echo', stuckAfter: 90_000 });
  expect(definition.restart).toEqual({ when: 'never', most: 5, delay: 1_000 });
});

test("[A3] a workspace's file is used only as its user has agreed to it, from anywhere below", () => {
  const site = makeSite();
  const cwd = path.join(site.workspace, 'src/deep');
  fs.mkdirSync(cwd, { recursive: true });
  const where = { home: site.home, cwd };
  const file = site.theirs('agents/ours.yaml', ECHO);
  site.theirs('agents/claude.yaml', ECHO);
  expect(refusal(() => resolveDefinition('ours', where))).toMatchObject({
    code: 'not_trusted',
    data: { workspace: site.workspace, file },
  });
  // It cannot take the built-in one away either.
  expect(resolveDefinition('claude', where).source).toBe('built-in');
  agree(site);
  expect(resolveDefinition('ours', where)).toMatchObject({ source: file, workspace: site.workspace });
  expect(resolveDefinition('claude', where)).toMatchObject({ instead: 'built-in' });
  fs.appendFileSync(file, 'args: [more]\n');
  expect(refusal(() => resolveDefinition('ours', where)).code).toBe('not_trusted');
  agree(site);
  expect(resolveDefinition('ours', where).definition.args).toEqual(['more']);
  expect(fs.statSync(path.join(site.home, 'trusted.json')).mode & 0o777).toBe(0o600);
  new Trust(site.home).withdraw(site.workspace);
  expect(refusal(() => resolveDefinition('ours', where)).code).toBe('not_trusted');
});

test('[A3] a .skein that leads to itself is told as what it is', () => {
  const { home, workspace } = makeSite();
  const link = path.join(workspace, '.skein');
  fs.symlinkSync('.skein', link);
  const error = refusal(() => resolveDefinition('claude', { home, cwd: workspace }));
  expect(error).toMatchObject({ code: 'definition_invalid', message: expect.stringContaining(link) });
});

test('[A3] a workspace ends at the root of its repository', () => {
  const site = makeSite();
  site.theirs('agents/ours.yaml', ECHO);
  agree(site);
  const cwd = path.join(site.workspace, 'vendor/other');
  fs.mkdirSync(path.join(cwd, '.git'), { recursive: true });
  const error = refusal(() => resolveDefinition('ours', { home: site.home, cwd }));
  expect(error).toMatchObject({ code: 'not_found', message: expect.stringContaining('claude, codex') });
});

test.each([
  ['driver: acp\ncommand: x\nstuckAfter: soon\n', 3, 13, 'stuckAfter'],
  ['driver: acp\ncommand: x\ncomand: y\n', 3, 1, 'comand'],
  ['driver: acp\ncommand: x\nrestart: {delay: never}\n', 3, 18, 'restart.delay'],
  ['driver: acp\ncommand: x\nrestart: {resumeAfter: never}\n', 3, 24, 'restart.resumeAfter'],
  ['driver: telnet\ncommand: x\n', 1, 9, 'driver'],
  ['driver: acp\n', 1, 1, 'command'],
  ['driver: acp\ncommand: x\nrestart:\n  when: sometimes\n', 4, 9, 'restart.when'],
  ['driver: acp\ncommand: x\nenv:\n  A: 1\n', 4, 6, 'env.A'],
  ['driver: acp\ncommand: x\nenv:\n  A: {from: B, fil: c}\n', 4, 16, 'env.A.fil'],
  [
    'driver: acp\ncommand: x\npermissions:\n  - allow: {tool: Edit, pth: a}\n',
    4,
    25,
    'permissions.0.allow.pth',
  ],
  ['driver: acp\ncommand: [\n', 3, 1, ''],
  ['driver: acp\ndriver: acp\ncommand: x\n', 2, 1, ''],
  ['name: other\ndriver: acp\ncommand: x\n', 1, 7, 'name'],
  ['a: &a [x, x]\nb: [*a]\n', 1, 1, ''],
  ['', 1, 1, ''],
])('[A3] what is wrong with %j is told at its line and column', (text, line, column, field) => {
  const site = makeSite();
  const file = site.own('agents/mine.yaml', text);
  const error = refusal(() => resolveDefinition('mine', { home: site.home, cwd: site.workspace }));
  expect(error).toMatchObject({ code: 'definition_invalid' });
  expect(error.message).toContain(`${file}:${error.data?.line}:${error.data?.column}: `);
  if (field !== '') expect(error.data).toMatchObject({ line, column, field });
});

const NO_ANCHOR = '*b refers to an anchor that is not there; a text that begins with * needs quotes';

test.each<[string, string | Buffer, number, number, string]>([
  ['an alias of nothing', 'driver: acp\ncommand: x\nargs: [&a y, *a, *b]\n', 3, 18, NO_ANCHOR],
  ['an alias before its anchor', 'driver: acp\ncommand: *b\nargs: [&b y]\n', 2, 10, NO_ANCHOR],
  [
    'letters of another code',
    Buffer.from('driver: acp\ncommand: caf\xe9\n', 'latin1'),
    2,
    13,
    'a letter that is not UTF-8; save the file as UTF-8',
  ],
  ['UTF-16', Buffer.from('\ufeffdriver: acp\n', 'utf16le'), 1, 1, 'it is UTF-16; save it as UTF-8'],
])('[A3] %s is told at its place', (_, text, line, column, why) => {
  const site = makeSite();
  const file = site.own('agents/mine.yaml', text);
  const error = refusal(() => resolveDefinition('mine', { home: site.home, cwd: site.workspace }));
  expect(error).toMatchObject({ code: 'definition_invalid', data: { line, column } });
  expect(error.message).toBe(`${file}:${line}:${column}: ${why}.`);
});

test('[A3] whatever a file holds, it is a definition or a typed refusal, and no reader hangs', () => {
  const site = makeSite();
  const where = { home: site.home, cwd: site.workspace };
  const word = fc.constantFrom(
    'driver',
    'command',
    'env',
    'acp',
    '&a',
    '*a',
    ': ',
    '- ',
    '\n',
    '  ',
    '{',
    ']',
    '"',
    '!!binary ',
  );
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.array(word).map((words) => words.join('')),
  );
  fc.assert(
    fc.property(text, (held) => {
      site.own('agents/mine.yaml', held);
      try {
        resolveDefinition('mine', where);
      } catch (error) {
        expect(error).toBeInstanceOf(SkeinError);
        expect((error as SkeinError).code).toBe('definition_invalid');
      }
    }),
  );
});

test('[A3] a few lines cannot stand for gigabytes', () => {
  const site = makeSite();
  const bomb = ['a: &a [x,x,x,x,x,x,x,x,x]'];
  for (const [from, to] of ['ab', 'bc', 'cd', 'de', 'ef', 'fg', 'gh', 'hi'].map((two) => [...two]))
    bomb.push(`${to}: &${to} [${Array(9).fill(`*${from}`).join(',')}]`);
  site.own('agents/mine.yaml', bomb.join('\n'));
  const error = refusal(() => resolveDefinition('mine', { home: site.home, cwd: site.workspace }));
  expect(error.code).toBe('definition_invalid');
});
