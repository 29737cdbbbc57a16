import fc from 'fast-check';
import { expect, test } from 'vitest';
import { argvInShort, argvShare } from './argv-in-short.ts';

test('[C2] what runs is told as far as its share of a list goes, and says where it ends', () => {
  expect(argvInShort(['sh', '-c', 'x'.repeat(50)], 20)).toEqual(['sh', '-c', `${'x'.repeat(10)}…`]);
  expect(argvInShort(['vim', 'a.txt'], 20)).toEqual(['vim', 'a.txt']);
  const word = fc.string({ unit: 'grapheme', maxLength: 60 });
  fc.assert(
    fc.property(fc.array(word), fc.integer({ min: 24, max: 1_000 }), (argv, most) => {
      const told = argvInShort(argv, most);
      expect(told.reduce((sum, one) => sum + one.length + 2, 0)).toBeLessThanOrEqual(most + 3);
      for (const [at, one] of told.entries()) {
        expect(one.isWellFormed()).toBe(true);
        expect(one === argv[at] || (one.endsWith('…') && at === told.length - 1)).toBe(true);
      }
    }),
  );
});

test('[C2] all of a list is bounded', () => {
  for (const sessions of [1, 12, 1_000, 10_000]) expect(sessions * argvShare(sessions)).toBeLessThan(300_000);
});
