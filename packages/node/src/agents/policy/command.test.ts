/** What a shell would make of a command (rule A5). */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { innermost, simpleWords } from './command.ts';
import { findCommand } from './denied.ts';

test.each([
  ['npm test', ['npm', 'test']],
  [`git commit -m "a; b (c)"`, ['git', 'commit', '-m', 'a; b (c)']],
  [`grep 'a|b' x*.ts`, ['grep', 'a|b', 'x*.ts']],
  [`a''b`, ['ab']],
])('%s is simple', (command, words) => {
  expect(simpleWords(command)).toEqual(words);
});

test.each([
  'a; b',
  'a && b',
  'a & b',
  'a | b',
  'a > b',
  'a < b',
  'a $(b)',
  'a `b`',
  'a\nb',
  'a\rb',
  'a "$(b)"',
  'a "`b`"',
  'a "$B"',
  'a $B',
  '(a)',
  '{ a; }',
  'a # b',
  'a \\; b',
  "a 'b\nc'",
  "a 'b\\'",
  'a "b',
  "a 'b",
  'a\0b',
])('%j is not', (command) => {
  expect(simpleWords(command)).toBeUndefined();
});

test('what a shell is told to run is what is meant', () => {
  expect(innermost(`/bin/bash -lc 'npm test'`)).toBe('npm test');
  expect(innermost(`bash -c "sh -c 'rm -rf x; y'"`)).toBe('rm -rf x; y');
  expect(innermost(`bash -lc 'it'"'"'s'`)).toBe("it's");
  // More than one argument, another program, or something that is expanded first: left as it is.
  for (const same of ["bash -c 'a' b", "./bash -c 'a'", 'bash -c "$X"', "bash x -c 'a'", "bash -c 'a'; b"])
    expect(innermost(same)).toBe(same);
});

test('whatever stands there, it is judged and nothing is thrown', () => {
  const piece = fc.constantFrom(
    'rm',
    ' ',
    '"',
    "'",
    '\\',
    ';',
    '$(',
    ')',
    '`',
    '\n',
    'bash -c ',
    "'a'",
    '|',
    '#',
    '\u{1F600}',
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 20 }), (pieces) => {
      const command = pieces.join('');
      simpleWords(innermost(command));
      expect(['yes', 'no', 'unknown']).toContain(findCommand(['rm *'], command));
    }),
  );
});
