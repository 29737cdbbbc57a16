/** Differences of two texts: applied to the first they give the second. */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { diffOf, lineDiff } from './diff.ts';

const lines = fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { maxLength: 30 });

test('what stays and goes is the first text, what stays and comes the second', () => {
  fc.assert(
    fc.property(lines, lines, (a, b) => {
      const diff = lineDiff(a, b);
      expect(diff.filter(({ op }) => op !== '+').map(({ text }) => text)).toEqual(a);
      expect(diff.filter(({ op }) => op !== '-').map(({ text }) => text)).toEqual(b);
    }),
    { numRuns: 500 },
  );
});

test('it is no longer than it must be, and tells where it is', () => {
  expect(lineDiff(['a', 'b', 'c'], ['a', 'x', 'c']).filter(({ op }) => op !== ' ')).toHaveLength(2);
  const before = Array.from({ length: 40 }, (_, i) => `line ${i}`).join('\n');
  const diff = diffOf({ path: 'p', before, after: before.replace('line 20', 'other') });
  expect(diff).toMatchObject({ added: 1, removed: 1 });
  expect(diff.lines[0]).toEqual({ op: '@', text: '@@ line 18 @@' });
  expect(diff.lines).toHaveLength(9);
  const added = diffOf({ path: 'p', before: null, after: 'a\nb\n' });
  expect(added).toMatchObject({ added: 2, removed: 0 });
});

test('a patch keeps its marks, and lines that look like them', () => {
  const patch = 'diff --git a/p b/p\n--- a/p\n+++ b/p\n@@ -1,2 +1,2 @@\n same\n--- gone\n+++ come\n';
  expect(
    diffOf({ path: 'p', patch })
      .lines.map(({ op }) => op)
      .join(''),
  ).toBe('@ -+');
});

test('thousands of lines that all differ are told at once', () => {
  const big = (word: string) => Array.from({ length: 20_000 }, (_, i) => `${word} ${i}`);
  expect(lineDiff(big('a'), big('b'))).toHaveLength(40_000);
});
