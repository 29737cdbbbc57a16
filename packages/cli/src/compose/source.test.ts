/** Compose files as they lie on a disk: found, read, or told why not (rule B2). */
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { SkeinError } from '@skein/protocol/errors';
import { afterAll, describe, expect, test } from 'vitest';
import { Problems } from './problems.ts';
import { readCompose } from './read.ts';
import { openSource } from './source.ts';
import { checkSurroundings } from './surroundings.ts';
import { wantedOf } from './wanted.ts';

const dir = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'sk-compose-')));
afterAll(() => fs.rmSync(dir, { recursive: true, force: true }));

const put = (name: string, contents: string | Buffer) => {
  const file = path.join(dir, name);
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(file, contents);
  return file;
};

function refusal(work: () => unknown): string {
  try {
    work();
    return 'done';
  } catch (error) {
    const { code, message } = SkeinError.from(error);
    return `${code}: ${message.replaceAll(dir, 'DIR')}`;
  }
}

describe('[B2] the text of a compose file', () => {
  test('is found where one is, and by its name', () => {
    expect(refusal(() => openSource(undefined, dir))).toBe(
      'not_found: There is no skein.yaml here. Name a file with -f, or begin one.',
    );
    put('here/skein.yml', 'name: a\n');
    expect(openSource(undefined, path.join(dir, 'here'))).toEqual({
      ...{ called: 'skein.yml', base: path.join(dir, 'here'), text: 'name: a\n' },
    });
    put('here/skein.yaml', 'name: b\n');
    expect(openSource(undefined, path.join(dir, 'here')).text).toBe('name: b\n');
    expect(openSource('here/skein.yml', dir)).toMatchObject({
      base: path.join(dir, 'here'),
      text: 'name: a\n',
    });
  });

  test('is told by what is there instead', () => {
    expect(refusal(() => openSource('none.yaml', dir))).toBe('not_found: There is no file none.yaml.');
    expect(refusal(() => openSource('here', dir))).toBe(
      'bad_request: here is a directory. Did you mean here/skein.yaml?',
    );
    put('empty', '');
    expect(openSource('empty', dir).text).toBe('');
    put('large', Buffer.alloc(2 * 1024 * 1024, 0x61));
    expect(refusal(() => openSource('large', dir))).toMatch(
      /^definition_invalid: large:1:1: it has more than/,
    );
    put('wide', Buffer.from('\ufeffname: a', 'utf16le'));
    expect(refusal(() => openSource('wide', dir))).toBe(
      'definition_invalid: wide:1:1: it is UTF-16; save it as UTF-8.',
    );
    put('latin', Buffer.from('name: a\nx-b: caf\xe9\n', 'latin1'));
    expect(refusal(() => openSource('latin', dir))).toBe(
      'definition_invalid: latin:2:9: a letter that is not UTF-8; save the file as UTF-8.',
    );
  });

  test('is not waited for where nobody writes', () => {
    execFileSync('mkfifo', [path.join(dir, 'pipe')]);
    expect(refusal(() => openSource('pipe', dir))).toMatch(/^bad_request: pipe is no file/);
  });
});

test('[B2] what a file names on this machine is looked for, each with its place', () => {
  put('home/agents/mine.yaml', 'driver: acp\ncommand: x\n');
  put('project/docs/x', '');
  put('project/.skein/agents/theirs.yaml', 'driver: acp\ncommand: x\n');
  fs.mkdirSync(path.join(dir, 'project/.git'));
  fs.symlinkSync(path.join(dir, 'project/docs'), path.join(dir, 'project/link'));
  const base = path.join(dir, 'project');
  const text = `name: x
workspaces:
  gone: {local: ./gone}
  file: {local: docs/x}
  link: {local: ./link}
  repo: {git: ./nowhere}
sessions:
  a:
    cwd: missing
    terminal: {command: x, env: {A: {from: NOT_SET}, B: {file: no}, C: {from: NOT_SET, optional: true}}}
    agents:
      one: {agent: mine, cwd: .}
      two: {agent: theirs, cwd: docs}
      three: {agent: claud, cwd: .}
      four: {agent: whatever, workspace: repo}
`;
  const read = readCompose('f', text, {});
  const wanted = wantedOf(read.file, base);
  const problems = new Problems();
  checkSurroundings(read, wanted, { home: path.join(dir, 'home'), env: {} }, problems);
  expect(
    problems.all.map(
      ({ line, column, field, message }) => `${line}:${column} ${field}: ${message.replaceAll(dir, 'DIR')}`,
    ),
  ).toEqual([
    '3:17 workspaces.gone.local: there is no directory DIR/project/gone',
    '4:17 workspaces.file.local: DIR/project/docs/x is no directory',
    '6:15 workspaces.repo.git: there is no directory DIR/project/nowhere',
    '9:10 sessions.a.cwd: there is no directory DIR/project/missing',
    '10:37 sessions.a.terminal.env.A: NOT_SET is not set here',
    '10:57 sessions.a.terminal.env.B: DIR/project/no cannot be read',
    '14:22 sessions.a.agents.three.agent: there is no agent "claud"; did you mean "claude"',
  ]);
  expect(wanted.workspaces.link?.source).toEqual({ kind: 'local', dir: path.join(dir, 'project/docs') });
});
