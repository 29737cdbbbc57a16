/** Which calls are the same (rule A5): those that do the same, and no others, whatever their titles show of it. */
import { isDeepStrictEqual } from 'node:util';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { payload } from './bounds.ts';
import { sameOf } from './same.ts';

const bash = (input: object) =>
  sameOf({ name: 'Bash', kind: 'execute', title: 'python3 -', input: payload(input) });

test('[A5] what follows the first line counts, and so does every other part of the input', () => {
  const one = bash({ command: 'python3 -\nprint(1)' });
  expect(one).toBe(bash({ command: 'python3 -\nprint(1)' }));
  expect(one).not.toBe(bash({ command: 'python3 -\nrm()' }));
  expect(one).not.toBe(bash({ command: 'python3 -\nprint(1)', unsandboxed: true }));
  const tool = (input: object) => sameOf({ name: 'db.run', kind: 'other', input: payload(input) });
  expect(tool({ sql: 'select 1' })).not.toBe(tool({ sql: 'drop table users' }));
});

test('[A5] what labels a command does not count, where it is no command it does', () => {
  expect(bash({ command: 'ls', description: 'Lists' })).toBe(bash({ command: 'ls', description: 'Looks' }));
  const task = (description: string) =>
    sameOf({ name: 'Task', kind: 'other', input: payload({ description }) });
  expect(task('a')).not.toBe(task('b'));
  const issue = (description: string) =>
    sameOf({ name: 'mcp', kind: 'other', input: payload({ command: 'create_issue', description }) });
  expect(issue('a typo')).not.toBe(issue('anything'));
});

test('[A5] of what is not told whole there is no other', () => {
  const long = 'x'.repeat(2_000_000);
  expect(bash({ command: long })).toBeUndefined();
  expect(sameOf({ kind: 'execute', title: `ls\nrm` })).toBeUndefined();
  expect(sameOf({ kind: 'execute', title: 'y'.repeat(5_000) })).toBeUndefined();
  expect(sameOf({ kind: 'execute' })).toBeUndefined();
  expect(sameOf({ kind: 'execute', title: 'ls' })).toBe(sameOf({ kind: 'execute', title: 'ls' }));
});

test('[A5] equal inputs are the same in whatever order their keys came, others are not', () => {
  const input = fc.dictionary(fc.string({ maxLength: 4 }), fc.jsonValue({ maxDepth: 3 }), { maxKeys: 5 });
  const same = (one: object) => sameOf({ name: 'x', kind: 'other', input: { json: one } });
  fc.assert(
    fc.property(input, input, (a, b) => {
      expect(same(Object.fromEntries(Object.entries(a).reverse()))).toBe(same(a));
      expect(same(a) === same(b)).toBe(isDeepStrictEqual(plain(a), plain(b)));
    }),
  );
});

/** As it came over a pipe. */
function plain(value: object): unknown {
  return JSON.parse(JSON.stringify(value));
}
