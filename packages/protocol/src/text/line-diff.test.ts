/** Differences of two texts: applied to the first they give the second. */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { lineDiff } from './line-diff.ts';

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

test('it is no longer than it must be', () => {
  expect(lineDiff(['a', 'b', 'c'], ['a', 'x', 'c']).filter(({ op }) => op !== ' ')).toHaveLength(2);
});

test('thousands of lines that all differ are told at once', () => {
  const big = (word: string) => Array.from({ length: 20_000 }, (_, i) => `${word} ${i}`);
  expect(lineDiff(big('a'), big('b'))).toHaveLength(40_000);
});
