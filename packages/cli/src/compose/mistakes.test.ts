/** Every mistake that a person makes in a compose file, with the place and the words by which it is told (rule B2): mistakes.txt. */
import fs from 'node:fs';
import path from 'node:path';
import { SkeinError } from '@skein/protocol/errors';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { planUp } from './plan.ts';
import type { Problem } from './problems.ts';
import { type ReadFile, readCompose } from './read.ts';
import { wantedOf } from './wanted.ts';

const ENV = { HERE: 'here', NUMBER: '12', EMPTY: '', BAD: 'x' };
const NOTHING = { workspaces: [], sessions: [], policies: {}, machines: {} };

/** What is wrong with it, or what it says. Throws whatever else comes of it. */
function read(text: string): { problems: Problem[] } | { read: ReadFile } {
  try {
    return { read: readCompose('f', text, ENV) };
  } catch (error) {
    if (!(error instanceof SkeinError) || error.code !== 'definition_invalid') throw error;
    return { problems: (error.data as { problems: Problem[] }).problems };
  }
}

function told(text: string): string[] {
  const found = read(text);
  if ('read' in found) return [];
  return found.problems.map(
    ({ line, column, field, message }) => `${line}:${column} ${field === '' ? '-' : field}: ${message}`,
  );
}

const meant = (text: string) =>
  text.replace(/\\(t|r|u[0-9a-f]{4})/g, (_, c: string) =>
    c === 't' ? '\t' : c === 'r' ? '\r' : String.fromCharCode(Number.parseInt(c.slice(1), 16)),
  );

const MISTAKES = fs
  .readFileSync(path.join(import.meta.dirname, 'mistakes.txt'), 'utf8')
  .split(/^== /m)
  .slice(1)
  .map((block): [string, string, string[]] => {
    const [title = '', ...lines] = block.trimEnd().split('\n');
    const answers = lines.filter((one) => one.startsWith('-> ')).map((one) => meant(one.slice(3)));
    const text = lines.filter((one) => !one.startsWith('-> ')).join('\n');
    return [title, `${meant(text)}\n`, answers];
  });

describe('[B2] a mistake is told with its line, column, field and what was meant', () => {
  test.each(MISTAKES)('%s', (_, text, answers) => {
    expect(answers.length).toBeGreaterThan(0);
    expect(told(text)).toEqual(answers);
  });

  test('whatever is larger or deeper than anybody writes', () => {
    expect(told(`name: x\nx-a: ${'x'.repeat(300_000)}\n`)).toEqual([
      '1:1 -: it has more than 262144 characters',
    ]);
    expect(told(`name: x\nx-a: ${'['.repeat(9_000)}${']'.repeat(9_000)}\n`)[0]).toMatch(/levels/);
    expect(
      told(`name: x\nsessions: {a: {agents: {x: {agent: y, prompt: ${'p'.repeat(70_000)}}}}}`)[0],
    ).toMatch(/too long: at most 65536/);
  });
});

const WHOLE = `name: shop
workspaces: &spaces
  app: {git: "https://h/x", ref: main, depth: 3, setup: npm ci, timeout: 3m}
  fix: {worktree: app, branch: b}
  docs: {local: ./docs, guard: true}
  tmp: scratch
x-agent: &agent {agent: claude, mode: plan, env: {A: 1, B: {file: ./s}, C: null, D: {from: E}}}
sessions:
  web: {workspace: app, terminal: {command: [npm, start], size: 120x40, once: true, sandbox: ["src/**"]}}
  team:
    workspace: app
    depends_on: web
    agents:
      lead: {<<: *agent, prompt: "go, \${HERE} \${NOT:-there}", worktree: false, args: [--x]}
      two: {<<: *agent, depends_on: [lead, web], cwd: src}
    members: {Anna B.: operator}
    policy: [{deny: {path: ["/**/.env"]}}, {ask: WebFetch}]
policy: [{allow: {command: npm test}}]
`;

describe('[B2] a compose file', () => {
  test('says all that it can say', () => {
    expect(told(WHOLE)).toEqual([]);
    const found = read(WHOLE);
    if (!('read' in found)) throw new Error('it is right');
    expect(found.read.file.sessions?.team?.agents?.lead).toMatchObject({
      ...{ agent: 'claude', mode: 'plan', prompt: 'go, here there' },
      env: { A: 1, B: { file: './s' }, C: null, D: { from: 'E' } },
    });
  });

  test('is the same with a mark of its order of bytes, and with ends of lines from elsewhere', () => {
    const plain = read(WHOLE);
    expect('read' in plain).toBe(true);
    const other = read(`\ufeff${WHOLE.replaceAll('\n', '\r\n')}`);
    expect('read' in other && other.read.file).toEqual('read' in plain && plain.read.file);
  });

  test('takes numbers and switches from variables', () => {
    const found = read(
      `name: x\nworkspaces: {a: {git: "https://h/x", depth: "\${NUMBER}", strict: "\${NO:-true}"}}\n`,
    );
    expect('read' in found && found.read.file.workspaces?.a).toMatchObject({ depth: 12, strict: true });
  });

  /** Of any text, and of texts that are nearly right. */
  const texts = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 200 }),
    fc
      .array(
        fc.constantFrom(
          ...'name: sessions: a: agents: - [ ] { } & * ! | > " \' # % @ ` \n \t x 1 ~ ${ ? ,'.split(' '),
        ),
        {
          maxLength: 60,
        },
      )
      .map((words) => words.join(' ')),
    fc
      .tuple(fc.nat(WHOLE.length), fc.nat(20), fc.string({ unit: 'binary', maxLength: 6 }))
      .map(([at, out, put]) => WHOLE.slice(0, at) + put + WHOLE.slice(at + out)),
  );

  test('is planned or told by its places, whatever it is', () => {
    fc.assert(
      fc.property(texts, (text) => {
        const found = read(text);
        if ('read' in found) {
          planUp(wantedOf(found.read.file, '/base'), NOTHING, { restart: true, prune: true });
          return;
        }
        expect(found.problems.length).toBeGreaterThan(0);
        const lines = text.split(/\r\n|\r|\n/);
        for (const { line, column, message } of found.problems) {
          expect(line).toBeGreaterThan(0);
          expect(line).toBeLessThanOrEqual(lines.length + 1);
          expect(column).toBeGreaterThan(0);
          expect(message).not.toBe('');
        }
      }),
      { numRuns: 500 },
    );
  });
});
