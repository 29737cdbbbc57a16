/** What policies answer, and that nothing that is missing, hidden or spelled otherwise makes an answer more generous (rule A5). */
import { TOOL_KINDS } from '@skein/protocol/agents/events';
import { type Condition, ruleSpec } from '@skein/protocol/agents/policy-rules';
import { ROLES } from '@skein/protocol/members/roles';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type * as z from 'zod';
import { type Asked, answerFor, decide, type Policy } from './decide.ts';

type Written = z.input<typeof ruleSpec>;

const policy = (specs: Written[], more: Partial<Policy> = {}): Policy => ({
  stricter: false,
  rules: specs.map((spec, at) => {
    const [[answer, when]] = Object.entries(ruleSpec.parse(spec)) as [['allow', Condition]];
    return { answer, when, rule: `p:${at + 1}` };
  }),
  ...more,
});

const asks = (more: Partial<Asked> = {}): Asked => ({
  ...{ agent: 'claude', tool: 'Edit', kind: 'edit', command: null, role: 'owner' },
  ...{ paths: null, cwd: ['/w'], homes: ['/home/me'] },
  ...more,
});
const file = (path: string, tree = false) => ({ path, tree });
const runs = (command: string | null, more: Partial<Asked> = {}) =>
  asks({ tool: 'Bash', kind: 'execute', command, ...more });
const told = (specs: Written[], asked: Asked) => decide([policy(specs)], asked).answer;

test('[A5] the first rule that fits wins and is named; where none does, people are asked', () => {
  const rules = policy([
    { deny: { path: '**/.env' } },
    { allow: { kind: 'edit', path: ['src/**', 'test/**'] } },
    { ask: {} },
    { allow: {} },
  ]);
  expect(decide([rules], asks({ paths: [file('/w/src/.env')] }))).toEqual({ answer: 'deny', rule: 'p:1' });
  expect(decide([rules], asks({ paths: [file('/w/src/a')] }))).toEqual({ answer: 'allow', rule: 'p:2' });
  expect(decide([rules], asks({ paths: [file('/w/a')] }))).toEqual({ answer: 'ask', rule: 'p:3' });
  expect(decide([], asks())).toEqual({ answer: 'ask', rule: null });
});

test('[A5] rules fit by agent, tool and role', () => {
  const specs = [{ allow: { agent: ['codex', 'cl*'], tool: 'Edit', role: 'owner' } }] as Written[];
  expect(told(specs, asks())).toBe('allow');
  expect(told(specs, asks({ agent: 'gemini' }))).toBe('ask');
  expect(told(specs, asks({ tool: 'Write' }))).toBe('ask');
  expect(told(specs, asks({ role: 'operator' }))).toBe('ask');
  expect(told([{ allow: 'Ed*' }], asks())).toBe('allow');
});

test('[A5] a call of several paths is allowed only if every path is, and denied if one is', () => {
  const specs: Written[] = [{ deny: { path: 'secret/**' } }, { allow: { path: 'src/**' } }];
  const both = (...paths: string[]) => told(specs, asks({ paths: paths.map((one) => file(one)) }));
  expect(both('/w/src/a', '/w/src/b')).toBe('allow');
  expect(both('/w/src/a', '/w/b')).toBe('ask');
  expect(both('/w/src/a', '/w/b', '/w/secret/c')).toBe('deny');
});

test('[A5] a directory is allowed with all that is in it, or not', () => {
  const specs: Written[] = [{ deny: { path: '**/.env' } }, { allow: { path: 'src/**' } }];
  expect(told(specs, asks({ paths: [file('/w/src/a')] }))).toBe('allow');
  expect(told(specs, asks({ paths: [file('/w/src/a', true)] }))).toBe('ask');
  expect(told([{ allow: { path: 'src/*' } }], asks({ paths: [file('/w/src/a', true)] }))).toBe('ask');
  expect(told([{ allow: { path: 'src/**' } }], asks({ paths: [file('/w/src/a', true)] }))).toBe('allow');
});

test('[A5] the paths that are told of a command allow nothing, for it may touch others', () => {
  const paths = [file('/w/src/a')];
  expect(told([{ allow: { path: 'src/**' } }], runs('cat src/a', { paths }))).toBe('ask');
  expect(told([{ deny: { path: 'src/**' } }, { allow: {} }], runs('cat src/a', { paths }))).toBe('deny');
  expect(told([{ deny: { path: 'lib/**' } }, { allow: {} }], runs('cat src/a', { paths }))).toBe('ask');
});

test('[A5] a command is allowed as one simple command, unless the rule is for shells', () => {
  const specs: Written[] = [{ allow: { command: 'npm *' } }];
  expect(told(specs, runs('npm test'))).toBe('allow');
  expect(told(specs, runs(`/bin/bash -lc 'npm test'`))).toBe('allow');
  for (const more of ['; x', ' && x', ' | x', ' $(x)', ' `x`', '\nx', ' > x', ' & x', ' "$(x)"'])
    expect(told(specs, runs(`npm test${more}`))).toBe('ask');
  expect(told(specs, runs(`bash -lc 'npm test; x'`))).toBe('ask');
  expect(told([{ allow: { command: '* -lc *' } }], runs(`bash -lc 'npm test; x'`))).toBe('ask');
  expect(told([{ allow: { command: 'npm *', shell: true } }], runs('npm test; x'))).toBe('allow');
});

test('[A5] a command is denied wherever it stands, and in doubt it is asked about', () => {
  const specs: Written[] = [{ deny: { command: 'rm *' } }, { allow: {} }];
  expect(told(specs, runs('cd x && rm -rf y'))).toBe('deny');
  expect(told(specs, runs('npm test'))).toBe('allow');
  expect(told(specs, runs('$(echo r)m -rf y'))).toBe('ask');
  expect(told(specs, runs(null))).toBe('ask');
  expect(told(specs, runs(null, { words: 'rm -rf y' }))).toBe('deny');
  expect(told([{ allow: { command: 'npm *' } }], runs(null, { words: 'npm test' }))).toBe('ask');
  expect(told(specs, asks())).toBe('allow');
});

test('[A5] what a workspace allows is left to its user; what it denies or asks about is not', () => {
  const own = policy([{ deny: { path: 'x/**' } }, { allow: {} }]);
  const theirs = (specs: Written[]) => policy(specs, { stricter: true, base: '/w' });
  const paths = [file('/w/a')];
  expect(decide([theirs([{ allow: {} }])], asks({ paths })).answer).toBe('ask');
  expect(decide([own, theirs([{ allow: {} }])], asks({ paths })).answer).toBe('allow');
  expect(decide([own, theirs([{ ask: {} }])], asks({ paths })).answer).toBe('ask');
  expect(decide([own, theirs([{ deny: {} }])], asks({ paths })).answer).toBe('deny');
  expect(decide([own, theirs([{ allow: {} }])], asks({ paths: [file('/w/x/a')] })).answer).toBe('deny');
});

test('[A5] of a call with more paths than are told, none of the others is taken for harmless', () => {
  const paths = [file('/w/src/a')];
  const specs: Written[] = [{ deny: { path: '**/.env' } }, { allow: { path: 'src/**' } }];
  expect(told(specs, asks({ paths }))).toBe('allow');
  expect(told(specs, asks({ paths, more: true }))).toBe('ask');
  expect(told(specs, asks({ paths: [...paths, file('/w/.env')], more: true }))).toBe('deny');
  expect(told([{ allow: {} }], asks({ paths, more: true }))).toBe('allow');
});

test('[A5] a call that may be of any kind is not allowed for the path that it names', () => {
  const paths = [file('/w/src/a')];
  const other = asks({ tool: 'mcp__x__copy', kind: 'other', paths });
  expect(told([{ allow: { path: 'src/**' } }], other)).toBe('ask');
  expect(told([{ deny: { path: '~/.ssh/' } }, { allow: {} }], other)).toBe('ask');
  expect(told([{ deny: { path: 'src/' } }], other)).toBe('deny');
  expect(told([{ allow: { tool: 'mcp__x__*' } }], other)).toBe('allow');
});

test('[A5] a denial of a policy comes before what was allowed for always, that before the rest', () => {
  const always = {
    ...{ rule: 'r1', agent: 'a1', answer: 'allow' as const, tool: 'Edit', kind: 'edit' as const },
    ...{ title: null, by: null },
  };
  const asked = { ...asks(), agentId: 'a1', title: 'Edit a' };
  expect(answerFor([policy([{ deny: {} }])], [always], asked)).toEqual({ answer: 'deny', rule: 'p:1' });
  expect(answerFor([policy([{ ask: {} }])], [always], asked)).toEqual({ answer: 'allow', rule: 'r1' });
  expect(answerFor([], [{ ...always, agent: 'a2' }], asked)).toBeUndefined();
  const never = { ...always, rule: 'r2', answer: 'deny' as const };
  expect(answerFor([policy([{ allow: {} }])], [always, never], asked)).toEqual({
    answer: 'deny',
    rule: 'r2',
  });
  expect(answerFor([policy([{ allow: {} }])], [], asked)).toEqual({ answer: 'allow', rule: 'p:1' });
});

const path = fc.constantFrom('/w/src/a', '/w/src', '/w/lib/b', '/etc/x', '/w/.env', '/w/src/.env');
const glob = fc.constantFrom('src/**', '**', '**/.env', '/etc/*', 'lib/b', 'src/*', '~/**');
const commandGlob = fc.constantFrom('npm *', '*', 'rm *', 'git push*', 'a b');
const rule = fc
  .record({
    answer: fc.constantFrom('allow', 'ask', 'deny'),
    when: fc.record(
      {
        tool: fc.constantFrom('Edit', 'Bash', '*'),
        kind: fc.constantFrom(...TOOL_KINDS),
        path: glob,
        command: commandGlob,
        agent: fc.constantFrom('claude', 'codex'),
        role: fc.constantFrom(...ROLES),
      },
      { requiredKeys: [] },
    ),
  })
  .map(({ answer, when }) => ({ [answer]: when }) as Written);
const rules = fc.array(rule, { maxLength: 6 });
const command = fc.constantFrom('npm test', 'rm -rf x', 'git push; rm x', 'a b', '$(x)');
const asked = fc
  .record({
    tool: fc.constantFrom('Edit', 'Bash'),
    kind: fc.constantFrom(...TOOL_KINDS),
    role: fc.constantFrom(...ROLES),
    paths: fc.array(fc.record({ path, tree: fc.boolean() }), { minLength: 1, maxLength: 3 }),
    command,
  })
  .map(({ kind, paths, command: text, ...rest }) =>
    asks({
      ...{ ...rest, kind },
      paths: ['think', 'fetch', 'switch_mode'].includes(kind) ? null : paths,
      command: kind === 'execute' || kind === 'other' ? text : null,
    }),
  );
const STRICT = { allow: 0, ask: 1, deny: 2 };

test('[A5] to tell less never gets an agent more', () => {
  const less = fc.subarray(['tool', 'role', 'paths', 'command'] as const);
  fc.assert(
    fc.property(rules, rules, asked, less, (own, theirs, whole, gone) => {
      const part = { ...whole, ...Object.fromEntries(gone.map((one) => [one, null])) };
      const policies = [policy(own), policy(theirs, { stricter: true, base: '/w' })];
      if (decide(policies, part).answer === 'allow') expect(decide(policies, whole).answer).toBe('allow');
    }),
    { numRuns: 1_000 },
  );
});

test('[A5] the answer for several paths is the strictest for each', () => {
  fc.assert(
    fc.property(rules, asked, (own, whole) => {
      const { paths } = whole;
      fc.pre(paths !== null);
      const each = (paths ?? []).map((one) => decide([policy(own)], { ...whole, paths: [one] }).answer);
      const strictest = Math.max(...each.map((one) => STRICT[one]));
      expect(STRICT[decide([policy(own)], whole).answer]).toBe(strictest);
    }),
    { numRuns: 500 },
  );
});

test('[A5] a workspace never makes an answer more generous', () => {
  fc.assert(
    fc.property(rules, rules, asked, (own, theirs, whole) => {
      const alone = decide([policy(own)], whole).answer;
      const both = decide([policy(own), policy(theirs, { stricter: true, base: '/w' })], whole).answer;
      expect(STRICT[both]).toBeGreaterThanOrEqual(STRICT[alone]);
    }),
    { numRuns: 500 },
  );
});

test('[A5] no operator, wherever it stands, gets past a rule for simple commands', () => {
  const word = fc.stringMatching(/^[a-z0-9./*=-]{1,8}$/);
  const operator = fc.constantFrom(
    ';',
    '&&',
    '||',
    '|',
    '&',
    '\n',
    '$(x)',
    '`x`',
    '>',
    '>>',
    '<',
    '"$(x)"',
    '\r\n',
    '<(x)',
  );
  const spaced = fc.constantFrom('', ' ');
  fc.assert(
    fc.property(
      fc.array(word, { minLength: 1, maxLength: 4 }),
      operator,
      spaced,
      fc.array(word, { minLength: 1 }),
      commandGlob,
      (a, op, s, b, by) => {
        const text = `${a.join(' ')}${s}${op}${s}${b.join(' ')}`;
        expect(told([{ allow: { command: by } }], runs(text))).toBe('ask');
        expect(told([{ allow: { command: by } }], runs(`bash -lc '${text}'`))).toBe('ask');
      },
    ),
    { numRuns: 1_000 },
  );
});
